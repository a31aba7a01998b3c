import { describe, expect, it } from 'vitest';
import { demoRequests, EXPECTED } from '../../../../infra/local/demo/requests.ts';
import { DEMO_SCENARIO, DEMO_SETTINGS } from '../../../../infra/local/demo/scenario.ts';
import { Scenario } from '../../../../infra/local/simulated-tenant/model/scenario.ts';
import { readConfig } from '../../../../shared/config.ts';

describe('what the demo asks for', () => {
  const now = '2026-01-01T00:00:00.000Z';

  it('stays within the submits of one minute, so that nobody has to watch it wait for the next', () => {
    const actions = DEMO_SCENARIO.devices?.length ?? 0;
    const secondTries = Object.values(EXPECTED).filter((e) => e.waitsFor !== undefined).length;
    expect(actions + secondTries).toBeLessThanOrEqual(10);
  });

  it('expects something of every device of its tenant', () => {
    const { devices } = Scenario.parse(DEMO_SCENARIO);
    for (const { computerDnsName } of devices) expect(EXPECTED).toHaveProperty(computerDnsName.split('.')[0] ?? '');
  });

  it('uses every kind of command and only scripts that the library has', () => {
    const commands = demoRequests(now).flatMap((request) => request.commands);
    expect(new Set(commands.map(({ type }) => type))).toEqual(new Set(['PutFile', 'RunScript', 'GetFile']));
    const library = DEMO_SCENARIO.library?.map(({ fileName }) => fileName);
    for (const command of commands) {
      if (command.type !== 'GetFile') expect(library).toContain(command.scriptName ?? command.fileName);
    }
  });

  it('is set up with settings that the app accepts', () => {
    expect(() => readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true', ...DEMO_SETTINGS })).not.toThrow();
  });
});
