import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzzHttp } from '../../infra/local/fuzz/fuzz-http.ts';
import { fuzzIntake } from '../../infra/local/fuzz/fuzz-intake.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';

/** Always the same, so that a failure comes again; `npm run fuzz` looks further, with others. */
const SEED = 20_261_124;

describe('malformed requests', () => {
  let system: E2eSystem;
  beforeAll(async () => {
    system = await startE2eSystem();
  });
  afterAll(() => system?.local.stop());

  it('over HTTP get an answer below 500 that names what to put right', async () => {
    const { statuses, faults } = await fuzzHttp(system.local.hostUrl, { requests: 500, seed: SEED });
    expect(faults).toEqual([]);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['202', '400', '404', '413']));
  });

  it('in the queue become collections or lie unchanged in the poison queue', async () => {
    const report = await fuzzIntake(system.local.hostUrl, system.local.stateConnectionString, {
      messages: 100,
      seed: SEED,
      withinMs: 60_000,
    });
    expect(report.faults).toEqual([]);
    expect(Math.min(report.accepted, report.setAside)).toBeGreaterThan(0);
  });
});
