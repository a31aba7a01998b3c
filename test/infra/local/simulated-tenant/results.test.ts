import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ProducedResult } from '../../../../infra/local/simulated-tenant/model/reading-actions.ts';
import {
  getFileContent,
  type ResultContent,
  sha256Of,
} from '../../../../infra/local/simulated-tenant/model/result-content.ts';
import { CommandBehaviour } from '../../../../infra/local/simulated-tenant/model/scenario.ts';
import {
  anna,
  codeOf,
  entityOf,
  GET_FILE,
  MINUTE,
  PUT_FILE,
  RUN_SCRIPT,
  SECOND,
  START,
  submitted,
  tenantWith,
} from './virtual-tenant.ts';

const wholeOf = (content: ResultContent) => Buffer.concat([...content.chunks()]);
const fileOf = (bytes: number) => getFileContent(5, CommandBehaviour.parse({ bytes }));

function resultOf(tenant: ReturnType<typeof tenantWith>, actionId: string, index: number): ProducedResult {
  return entityOf<ProducedResult>(tenant.resultLink(actionId, index, START + MINUTE));
}

describe('a result', () => {
  it('is to be had once its command has ended, not before', () => {
    const tenant = tenantWith();
    const actionId = submitted(tenant);
    const early = tenant.resultLink(actionId, 0, START + 14 * SECOND);
    expect([early.status, codeOf(early)]).toEqual([404, 'ResourceNotFound']);
    expect(tenant.resultLink(actionId, 0, START + 15 * SECOND).status).toBe(200);
  });

  it('is to be had only once the action has ended, where that is switched on', () => {
    const tenant = tenantWith({ linkAt: 'actionEnd' });
    const actionId = submitted(tenant);
    expect(tenant.resultLink(actionId, 0, START + 15 * SECOND).status).toBe(404);
    expect(tenant.resultLink(actionId, 0, START + 20 * SECOND).status).toBe(200);
  });

  it('does not exist for PutFile, for an index beyond the commands, or for an action that nobody knows', () => {
    const tenant = tenantWith();
    const actionId = submitted(tenant, START, PUT_FILE, GET_FILE);
    const status = (id: string, index: number) => tenant.resultLink(id, index, START + MINUTE).status;
    expect([status(actionId, 0), status(actionId, 2), status('x', 0), status(actionId, 1)]).toEqual([
      400, 400, 404, 200,
    ]);
  });

  it('of GetFile is one gzip member around the file', () => {
    const tenant = tenantWith({}, [anna({ commands: [{ type: 'GetFile', bytes: 70_000 }] })]);
    const { content } = resultOf(tenant, submitted(tenant), 0);
    expect(gunzipSync(wholeOf(content))).toHaveLength(70_000);
    expect(content.bytes).toBe(wholeOf(content).length);
  });

  it('of RunScript is JSON that tells the exit code', () => {
    const tenant = tenantWith({}, [anna({ commands: [{ exitCode: 3, scriptErrors: 'oh' }] })]);
    const { content } = resultOf(tenant, submitted(tenant, START, RUN_SCRIPT), 0);
    const result = JSON.parse(wholeOf(content).toString());
    expect(result).toMatchObject({ script_name: 'collect.ps1', exit_code: 3, script_errors: 'oh' });
    expect(result.script_output).toMatch(/^Transcript started/);
  });

  it('of RunScript can be damaged as seen in the field', () => {
    const tenant = tenantWith({}, [anna({ commands: [{ damage: 'both' }] })]);
    const text = wholeOf(resultOf(tenant, submitted(tenant, START, RUN_SCRIPT), 0).content).toString();
    expect(() => JSON.parse(text)).toThrow();
    expect(text).toMatch(/\n/);
    expect(text).toMatch(/\0\0\0$/);
  });

  it('is the same whenever it is made from the same seed, and another on another device', () => {
    const hash = (computerDnsName: string) => {
      const tenant = tenantWith({}, [anna({ computerDnsName })]);
      tenant.submit([...tenant.state.devices.keys()][0] ?? '', { Commands: [GET_FILE], Comment: 'c' }, START);
      const [result] = tenant.producedResults(START + MINUTE);
      return createHash('sha256')
        .update(wholeOf(result?.content ?? fileOf(0)))
        .digest('hex');
    };
    expect(hash('a')).toBe(hash('a'));
    expect(hash('a')).not.toBe(hash('b'));
  });

  it.each([0, 1, 1_048_576, 1_048_577, 3_000_000])('of %i bytes unpacks to as many', (bytes) => {
    const content = fileOf(bytes);
    expect(gunzipSync(wholeOf(content))).toHaveLength(bytes);
    expect(content.bytes).toBe(wholeOf(content).length);
  });

  it('can be read from any byte on', () => {
    const content = fileOf(2_000_000);
    const whole = wholeOf(content);
    for (const from of [0, 1, 10, 65_550, 1_500_000, whole.length - 1]) {
      expect(Buffer.concat([...content.chunks(from)]).equals(whole.subarray(from))).toBe(true);
    }
  });

  it('is hashed without being held', async () => {
    const content = fileOf(20_000_000);
    expect(await sha256Of(content)).toBe(createHash('sha256').update(wholeOf(content)).digest('hex'));
  });
});

describe('an investigation package', () => {
  it('is to be had once it is complete, and only one is collected at a time', () => {
    const tenant = tenantWith();
    const [machineId = ''] = tenant.state.devices.keys();
    const start = () => tenant.startOther('collectInvestigationPackage', machineId, { Comment: 'why' }, START);
    const action = entityOf<{ id: string; commands: unknown[] }>(start() as never);
    expect(action.commands).toEqual([]);
    expect(codeOf(start())).toBe('ActiveRequestAlreadyExists');
    expect(tenant.packageUri(action.id, START + SECOND).status).toBe(404);
    const { content } = entityOf<ProducedResult>(tenant.packageUri(action.id, START + MINUTE));
    expect(wholeOf(content).subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
  });

  it('needs a comment, as every action does', () => {
    const tenant = tenantWith();
    const [machineId = ''] = tenant.state.devices.keys();
    const code = (call: 'isolate' | 'unisolate', body: unknown) =>
      codeOf(tenant.startOther(call, machineId, body, START));
    expect(code('unisolate', {})).toBe('MissingRequiredParameter');
    expect(code('isolate', { Comment: 'c', IsolationType: 'Half' })).toBe('InvalidInput');
    expect(code('isolate', { Comment: 'c', IsolationType: 'Full' })).toBeUndefined();
  });
});
