import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ResultJob } from '../../shared/domain/attempt.ts';
import { minutes, seconds } from '../../shared/domain/time.ts';
import type { Registers, Versioned, WorkStore } from '../../shared/ports.ts';
import { claimTurn } from '../../shared/use-cases/claim-turn.ts';
import type { Deps } from '../../shared/use-cases/deps.ts';
import { claimJob } from '../../shared/use-cases/result-claim.ts';
import { createWorld } from '../world/world.ts';
import { aJob } from './state-samples.ts';

interface ClaimStores {
  work: WorkStore;
  registers: Registers;
}

/** Rights with a time limit, kept in rows: what leases are to the Functions host, these are to Holdfast itself. */
export function claimsContract(name: string, open: () => Promise<ClaimStores>): void {
  describe(`claims on rows in ${name}`, () => {
    let deps: Deps;
    let now: number;
    let job: ResultJob;
    beforeEach(async () => {
      const world = createWorld({ devices: [] });
      now = world.clock.now();
      const tenantId = `tenant-${randomUUID()}`;
      const settings = { ...world.deps.settings, tenantId };
      deps = { ...world.deps, ...(await open()), settings, clock: { now: () => now } };
      job = aJob({ tenantId, nextAt: now });
      await deps.work.commit(tenantId, { jobs: [{ value: job }] });
    });

    const stored = async (): Promise<Versioned<ResultJob>> => {
      const row = await deps.work.job(job.tenantId, job.attemptId, job.index);
      if (!row) throw new Error('the job is not there');
      return row;
    };

    it('gives a result to one of ten who saw it free, and counts one try', async () => {
      const row = await stored();
      const claims = await Promise.all(Array.from({ length: 10 }, () => claimJob(deps, row)));
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
      expect((await stored()).value).toMatchObject({ tries: 1, nextAt: now + seconds(30) });
    });

    it('keeps a claim that is renewed, and writes nothing while it is fresh', async () => {
      const claim = await claimJob(deps, await stored());
      const { etag } = await stored();
      now += seconds(9);
      await claim?.keep();
      expect((await stored()).etag).toBe(etag);
      now += seconds(1);
      await claim?.keep();
      expect((await stored()).value.nextAt).toBe(now + seconds(30));
      expect(claim?.signal.aborted).toBe(false);
    });

    it('lets another take over what was not renewed, and refuses what the first still writes', async () => {
      const first = await claimJob(deps, await stored());
      now += seconds(31);
      const second = await claimJob(deps, await stored());
      expect(second?.job.tries).toBe(2);
      expect(await first?.save({ ...first.job, error: 'late' } as ResultJob)).toBe(false);
      await first?.keep();
      expect(first?.signal.aborted).toBe(true);
      expect((await stored()).value).toEqual(second?.job);
      expect(await second?.save({ ...second.job, nextAt: now + minutes(1) })).toBe(true);
    });

    it('does not take for its own the claim of another who took over before its own was read back', async () => {
      const row = await stored();
      const { work } = deps;
      const heldUp: WorkStore = {
        ...work,
        load: (tenantId) => work.load(tenantId),
        attempt: (tenantId, attemptId) => work.attempt(tenantId, attemptId),
        job: async (tenantId, attemptId, index) => {
          now += seconds(31);
          await claimJob(deps, await stored());
          return work.job(tenantId, attemptId, index);
        },
        commit: (tenantId, change) => work.commit(tenantId, change),
      };
      expect(await claimJob({ ...deps, work: heldUp }, row)).toBeUndefined();
      expect((await stored()).value.tries).toBe(2);
    });

    it('does not give away a result whose job has gone', async () => {
      const row = await stored();
      await deps.work.commit(job.tenantId, { removeJobs: [row] });
      expect(await claimJob(deps, row)).toBeUndefined();
      expect((await deps.work.load(job.tenantId)).jobs).toEqual([]);
    });

    it('gives a turn to one of ten at once, and the next one when its time has passed', async () => {
      const turns = await Promise.all(Array.from({ length: 10 }, () => claimTurn(deps, 'sweep', minutes(1))));
      expect(turns.filter(Boolean)).toHaveLength(1);
      now += minutes(1) - 1;
      expect(await claimTurn(deps, 'sweep', minutes(1))).toBe(false);
      now += 1;
      const later = await Promise.all(Array.from({ length: 10 }, () => claimTurn(deps, 'sweep', minutes(1))));
      expect(later.filter(Boolean)).toHaveLength(1);
    });

    it('does not wait for a turn that was taken by a clock ahead of ours', async () => {
      now += minutes(2);
      expect(await claimTurn(deps, 'sweep', minutes(1))).toBe(true);
      now -= minutes(2);
      expect(await claimTurn(deps, 'sweep', minutes(1))).toBe(true);
    });
  });
}
