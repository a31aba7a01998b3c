import { describe, expect, it } from 'vitest';
import { drawAwake } from './draws/draw-fleets.ts';
import { stormOfAlerts } from './fleet-requests.ts';
import { FLEET_SCENARIOS } from './fleet-scenarios.ts';
import { runHoldfast } from './holdfast-run.ts';

const scenarioNamed = (name: string) => {
  const found = FLEET_SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
};

describe('a run on a fleet', () => {
  it('loses nothing to a hostile tenant and a host that crashes in the middle of its work', async () => {
    const few = { ...scenarioNamed('hostile'), draw: (seed: number) => drawAwake(40, seed), crashEveryS: 30 };
    const { evidenceAtS, actionsOf, limitsBroken, targetsLost } = await runHoldfast(few, 1);
    expect(evidenceAtS.every(Number.isFinite)).toBe(true);
    expect(actionsOf.every((actions) => actions.filter(({ ran }) => ran).length === 1)).toBe(true);
    expect({ limitsBroken, targetsLost }).toEqual({ limitsBroken: 0, targetsLost: 0 });
  });

  it('answers every alert of a storm', async () => {
    const fleet = drawAwake(3, 1);
    const alerts = { ...scenarioNamed('storm'), draw: () => fleet, requests: () => stormOfAlerts(fleet).slice(0, 12) };
    const { targetsLost, calls } = await runHoldfast(alerts, 1);
    expect(targetsLost).toBe(0);
    expect(calls.get('runLiveResponse')).toBeGreaterThanOrEqual(3);
  });
});

describe('the scenarios', () => {
  it('have names of their own, but for hints', () => {
    const names = FLEET_SCENARIOS.map(({ name, hints = false }) => `${name} ${hints}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
