import type { Mutant } from './mutants.ts';

/** Beyond the ten of the issue: what once went unnoticed, and what is easily broken by a change. */
export const FURTHER_MUTANTS: readonly Mutant[] = [
  {
    name: 'task that left is told by its attempt row alone',
    edits: [
      {
        file: 'shared/use-cases/leave-runs.ts',
        find: ', ...unnamed(tasks, work, deps.clock.now())];',
        put: '];\n  void unnamed;\n  void tasks;',
      },
    ],
  },
  {
    name: 'result stored for one is not copied for the others',
    edits: [
      {
        file: 'shared/use-cases/archive-result.ts',
        find: 'if (!job.others && !job.from) return done(deps, job);',
        put: 'if (job) return done(deps, job);',
      },
    ],
  },
  {
    name: 'claim of a result not checked',
    edits: [
      {
        file: 'shared/use-cases/result-claim.ts',
        find: 'if (!(await save({ ...row.value, tries, nextAt: renewedAt + CLAIM_MS }))) return undefined;',
        put: 'await save({ ...row.value, tries, nextAt: renewedAt + CLAIM_MS });',
      },
    ],
  },
  {
    name: 'result taken while another try is at it',
    edits: [
      {
        file: 'shared/use-cases/archive-result.ts',
        find: 'if (!row || row.value.nextAt > deps.clock.now() + EARLY_MS) return;',
        put: 'if (!row) return;\n  void EARLY_MS;',
      },
    ],
  },
  {
    name: 'guard not written with the intents',
    edits: [
      {
        file: 'shared/use-cases/save-intents.ts',
        find: 'deps.work.commit(deps.settings.tenantId, { guard, attempts })',
        put: 'deps.work.commit(deps.settings.tenantId, { attempts })',
      },
    ],
  },
  {
    name: 'manifest told as it was built, not as it is stored',
    edits: [
      {
        file: 'shared/use-cases/close-collection.ts',
        find: "const stored = put === 'stored' ? bytes : await readWhole(deps, blobName);",
        put: 'const stored = bytes;\n  void put;\n  void readWhole;',
      },
    ],
  },
  {
    name: 'hash of what lies there already not compared',
    edits: [
      {
        file: 'shared/use-cases/hold-result/hold-result.ts',
        find: 'if (metadata.sha256 !== undefined && metadata.sha256 !== read.digest.sha256)',
        put: 'if (metadata.sha256 === "none")',
      },
    ],
  },
  {
    name: 'hash told from the record, not from the stored bytes',
    edits: [
      {
        file: 'shared/use-cases/hold-result/hold-result.ts',
        find: "if (metadata.sha256 !== undefined && metadata.sha256 !== read.digest.sha256)\n    return damaged('the stored bytes do not have the SHA-256 that was written with them');\n  return asHeld(read.digest,",
        put: 'return asHeld({ ...read.digest, sha256: metadata.sha256 ?? read.digest.sha256 },',
      },
    ],
  },
  {
    name: 'probation ignored',
    edits: [
      {
        file: 'shared/use-cases/cancel-actions.ts',
        find: 'const sleepers = planProbationCancels(pending, demand.tasks, probation, now);',
        put: 'const sleepers = planProbationCancels(pending, 0, probation, now);',
      },
    ],
  },
  {
    name: 'overdue results not reminded',
    edits: [
      {
        file: 'shared/use-cases/archive-result.ts',
        find: 'const overdue = jobs.filter((job) => job.nextAt + LATE_MS <= deps.clock.now());',
        put: 'const overdue = jobs.filter((job) => job.nextAt + LATE_MS * 1e6 <= deps.clock.now());',
      },
    ],
  },
  {
    name: 'cancel of running actions never asked for',
    edits: [
      {
        file: 'shared/use-cases/stop-collection.ts',
        find: 'await leaveRuns(deps, collectionId, tasks, reason);',
        put: `void leaveRuns;
  void reason;`,
      },
    ],
  },
  {
    name: 'poll does not move a task whose submit it missed',
    edits: [
      {
        file: 'shared/domain/follow-events.ts',
        find: 'return [...missedSubmit(task, attempt, now), ...seen',
        put: `void missedSubmit;
  return [...seen`,
      },
    ],
  },
  {
    name: 'copied object not looked at again',
    edits: [
      {
        file: 'shared/use-cases/hold-result/hold-result.ts',
        find: `if (copied.end === 'whole') return stillTheSame(deps, job, first, copied.blocks);`,
        put: `if (copied.end === 'whole') return asStreamed(copied.blocks);`,
      },
    ],
  },
];
