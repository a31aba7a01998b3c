import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OpenWork, WorkChange, WorkStore } from '../../shared/ports.ts';
import { AWKWARD_TEXT, aJob, anAttempt } from './state-samples.ts';

export function workStoreContract(name: string, open: () => Promise<WorkStore>) {
  describe(`${name} as a work store`, () => {
    let store: WorkStore;
    let tenant: string;
    beforeEach(async () => {
      store = await open();
      tenant = `tenant-${randomUUID()}`;
    });

    const commit = (change: WorkChange) => store.commit(tenant, change);
    const load = (): Promise<OpenWork> => store.load(tenant);
    const given = async (change: WorkChange): Promise<OpenWork> => {
      expect(await commit(change)).toBe('written');
      return load();
    };
    const only = <T>(rows: T[]): T => {
      const [row] = rows;
      if (row === undefined || rows.length > 1) throw new Error(`${rows.length} rows instead of one`);
      return row;
    };

    it('gives a tenant never seen an untouched guard and no work', async () => {
      const { guard, attempts, jobs } = await load();
      expect(guard.value).toEqual({ tenantId: tenant, refusals: 0 });
      expect([attempts, jobs]).toEqual([[], []]);
    });

    it('loads what was committed, every field of it', async () => {
      const attempt = anAttempt({
        comment: AWKWARD_TEXT,
        cancel: { reason: 'stuck', requestedAt: 1, tries: 2, nextAt: 3 },
      });
      const jobs = [10, 2, 0].map((index) => aJob({ attemptId: attempt.attemptId, index, blobName: AWKWARD_TEXT }));
      const { guard } = await load();
      const value = { ...guard.value, refusals: 3, sessionCeiling: { sessions: 4, until: 5 } };
      await commit({
        guard: { value, etag: guard.etag },
        attempts: [{ value: attempt }],
        jobs: jobs.map((job) => ({ value: job })),
      });
      const work = await load();
      expect(work.guard.value).toStrictEqual(value);
      expect(work.attempts.map((row) => row.value)).toStrictEqual([attempt]);
      expect(work.jobs.map((row) => row.value.index)).toEqual([0, 2, 10]);
      expect(work.jobs[1]?.value).toStrictEqual(jobs[1]);
    });

    it('reads one attempt and one job, with the versions that a load shows', async () => {
      const attempt = anAttempt();
      const job = aJob({ attemptId: attempt.attemptId, index: 7 });
      const work = await given({ attempts: [{ value: attempt }], jobs: [{ value: job }] });
      expect(await store.attempt(tenant, attempt.attemptId)).toEqual(work.attempts[0]);
      expect(await store.job(tenant, attempt.attemptId, 7)).toEqual(work.jobs[0]);
      expect(await store.attempt(tenant, 'never')).toBeUndefined();
      expect(await store.job(tenant, attempt.attemptId, 8)).toBeUndefined();
    });

    it('keeps tenants apart', async () => {
      await given({ attempts: [{ value: anAttempt() }] });
      expect((await store.load(`${tenant}-other`)).attempts).toEqual([]);
    });

    it('lets one of two through that go by the same guard, and nothing of the other', async () => {
      const { guard } = await load();
      const race = (n: number) => commit({ guard, attempts: [{ value: anAttempt({ comment: `${n}` }) }] });
      const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => race(n)));
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      expect(only((await load()).attempts).value.comment).toBe(`${answers.indexOf('written')}`);
    });

    it('refuses a guard that was written since it was loaded', async () => {
      const first = await load();
      const second = await given({ guard: first.guard });
      expect(await commit({ guard: first.guard, attempts: [{ value: anAttempt() }] })).toBe('conflict');
      expect(await commit({ guard: second.guard, attempts: [{ value: anAttempt() }] })).toBe('written');
    });

    it('refuses to write an attempt anew that exists, and rolls everything back', async () => {
      const attempt = anAttempt();
      const before = await given({ attempts: [{ value: attempt }] });
      const change = { guard: before.guard, jobs: [{ value: aJob() }], attempts: [{ value: attempt }] };
      expect(await commit(change)).toBe('conflict');
      expect(await load()).toEqual(before);
    });

    it('changes rows by their version and refuses a stale one', async () => {
      const work = await given({ attempts: [{ value: anAttempt() }], jobs: [{ value: aJob() }] });
      const [attempt, job] = [only(work.attempts), only(work.jobs)];
      const opened = { ...attempt, value: { ...attempt.value, state: 'open' as const, machineActionId: 'm1' } };
      expect(await commit({ attempts: [opened], jobs: [job] })).toBe('written');
      expect(only((await load()).attempts).value).toEqual(opened.value);
      expect(await commit({ attempts: [opened] })).toBe('conflict');
    });

    it('rolls everything back when the last row of a change is stale', async () => {
      const work = await given({ attempts: [{ value: anAttempt() }], jobs: [{ value: aJob() }] });
      await given({ jobs: work.jobs });
      const before = await load();
      const change = { attempts: [...work.attempts, { value: anAttempt() }], removeJobs: work.jobs };
      expect(await commit(change)).toBe('conflict');
      expect(await load()).toEqual(before);
    });

    it('removes rows by their version, together with other changes', async () => {
      const work = await given({ attempts: [{ value: anAttempt() }], jobs: [{ value: aJob() }, { value: aJob() }] });
      const next = anAttempt();
      expect(await commit({ attempts: [{ value: next }], removeAttempts: work.attempts, removeJobs: work.jobs })).toBe(
        'written',
      );
      const after = await load();
      expect(only(after.attempts).value).toEqual(next);
      expect(after.jobs).toEqual([]);
    });

    it('does not remove a row that was written since, nor one that is gone', async () => {
      const work = await given({ attempts: [{ value: anAttempt() }] });
      await given({ attempts: work.attempts });
      expect(await commit({ removeAttempts: work.attempts })).toBe('conflict');
      const { attempts } = await load();
      expect(attempts).toHaveLength(1);
      expect(await commit({ removeAttempts: attempts })).toBe('written');
      expect(await commit({ removeAttempts: attempts })).toBe('conflict');
      expect(await commit({ attempts })).toBe('conflict');
    });

    it('takes a hundred rows at once, and refuses one more loudly', async () => {
      const attempts = Array.from({ length: 60 }, () => ({ value: anAttempt() }));
      const jobs = Array.from({ length: 40 }, () => ({ value: aJob() }));
      const { guard } = await load();
      await expect(commit({ guard, attempts, jobs })).rejects.toThrow('101 rows');
      const work = await given({ attempts, jobs });
      expect([work.attempts.length, work.jobs.length]).toEqual([60, 40]);
    });

    it('loads more rows than the service answers at once', async () => {
      const ids = Array.from({ length: 1_050 }, (_, n) => `attempt-${String(n).padStart(4, '0')}`);
      for (let start = 0; start < ids.length; start += 100)
        await commit({
          attempts: ids.slice(start, start + 100).map((attemptId) => ({ value: anAttempt({ attemptId }) })),
        });
      const { guard } = await load();
      await commit({ guard: { ...guard, value: { ...guard.value, refusals: 7 } } });
      const work = await load();
      expect(work.attempts.map(({ value }) => value.attemptId)).toEqual(ids);
      expect(work.guard.value.refusals).toBe(7);
    });

    it('refuses loudly a change that names a row twice, and takes an empty one', async () => {
      const attempt = { value: anAttempt() };
      await expect(commit({ attempts: [attempt, attempt] })).rejects.toThrow('same attempt twice');
      expect(await commit({})).toBe('written');
    });
  });
}
