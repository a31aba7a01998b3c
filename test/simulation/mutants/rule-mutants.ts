import type { Mutant } from './mutants.ts';

/** Rules that a small slip would break. One more goes unnoticed (docs/reliability.md). */
export const RULE_MUTANTS: readonly Mutant[] = [
  {
    name: 'one session too many',
    edits: [
      {
        file: 'shared/domain/capacity.ts',
        find: 'const slots = Math.max(0, slotLimit - slotsInUse);',
        put: 'const slots = Math.max(0, slotLimit - slotsInUse + 1);',
      },
    ],
  },
  {
    name: 'one submit too many in a minute',
    edits: [
      {
        file: 'shared/domain/capacity.ts',
        find: 'limits.submitsPerMinute - held.length',
        put: 'limits.submitsPerMinute + 1 - held.length',
      },
    ],
  },
  {
    name: 'permit back when the call is made, not answered',
    edits: [
      {
        file: 'shared/domain/capacity.ts',
        find: `attempt.repliedAt === undefined ? attempt.state !== 'closed' : attempt.repliedAt + SUBMIT_WINDOW_MS > now`,
        put: '(attempt.intentAt + SUBMIT_WINDOW_MS > now)',
      },
    ],
  },
  {
    name: 'success lost to a cancel',
    edits: [
      {
        file: 'shared/domain/task-transitions.ts',
        find: `if (!mayBeStored(task.state)) return task;`,
        put: `if (task.state !== 'archiving' || task.commands.length > 1) return task;`,
      },
    ],
  },
  {
    name: 'custody event dropped',
    edits: [
      {
        file: 'shared/domain/collection-changes.ts',
        find: 'entries.push(...custodyOfTask(from, after, each));',
        put: `if (each.type !== 'submitted') entries.push(...custodyOfTask(from, after, each));`,
      },
    ],
  },
  {
    name: 'callback with a new id for each try',
    edits: [
      {
        file: 'shared/use-cases/send-callback.ts',
        find: 'const body = { eventId: callback.eventId, ',
        put: 'const body = { eventId: String(callback.tries), ',
      },
    ],
  },
  {
    name: 'expiry ignored while tasks fall back',
    edits: [
      {
        file: 'shared/domain/collection-changes.ts',
        find: 'for (const each of inOrder(event, stopEvent(collection, now))) {',
        put: 'for (const each of [event]) {',
      },
    ],
  },
  {
    name: 'machine alone makes an action ours',
    edits: [
      {
        file: 'shared/domain/attempt-token.ts',
        find: 'tokenIn(action.requestorComment) === attempt.attemptId.toLowerCase() &&',
        put: 'tokenIn(action.requestorComment) !== undefined &&',
      },
    ],
  },
  {
    name: 'closing before all has ended',
    edits: [
      {
        file: 'shared/domain/collection-changes.ts',
        find: 'openTasks(collection) > 0) return',
        put: 'openTasks(collection) > 1) return',
      },
    ],
  },
  {
    name: 'agenda row removed before its change',
    edits: [
      {
        file: 'shared/use-cases/change-collection.ts',
        find: 'const moves = indexMoves(header.value, before, delta, startedAt);',
        put: `const moves = indexMoves(header.value, before, delta, startedAt);
  await writeIndex(deps, delta.collection, moves.remove, 'remove');`,
      },
    ],
  },
  {
    name: 'a request that exists counts as accepted anew',
    edits: [
      {
        file: 'shared/use-cases/accept-collection.ts',
        find: `if (created === 'exists') return repeated(deps, collection, kept);`,
        put: 'void repeated;',
      },
    ],
  },
  {
    name: 'repetition repairs nothing',
    edits: [
      {
        file: 'shared/use-cases/accept-collection.ts',
        find: `  await repair(deps, collection);
  return { kind: 'accepted', collection, request };`,
        put: `  return { kind: 'accepted', collection, request };`,
      },
    ],
  },
  {
    name: 'script run again after it had begun',
    edits: [
      {
        file: 'shared/domain/follow-events.ts',
        find: 'if (mayRepeat(attempt, observation) && task.repeats',
        put: 'if (observation.failure && void mayRepeat === undefined && task.repeats',
      },
    ],
  },
  {
    name: 'stale intent sent',
    edits: [
      {
        file: 'shared/use-cases/submit-intents.ts',
        find: 'if (deps.clock.now() > attempt.intentAt + PATIENCE.intentFreshMs) {',
        put: 'if (deps.clock.now() > attempt.intentAt + 100 * PATIENCE.intentFreshMs) {',
      },
    ],
  },
  {
    name: 'absence believed at once',
    edits: [
      {
        file: 'shared/use-cases/adopt-actions.ts',
        find: 'if (absenceProven(attempt, askedAt)) return',
        put: 'if (absenceProven(attempt, askedAt) || true) return',
      },
    ],
  },
  {
    name: 'callback counted as delivered whatever the answer',
    edits: [
      {
        file: 'shared/use-cases/send-callback.ts',
        find: 'if (httpStatus !== undefined && httpStatus >= 200 && httpStatus < 300) return done',
        put: 'if (httpStatus !== undefined && httpStatus >= 200 && httpStatus < 600) return done',
      },
    ],
  },
  {
    name: 'result jobs forgotten when an action ends',
    edits: [
      {
        file: 'shared/use-cases/finish-attempt.ts',
        find: 'jobs: rows.flatMap((row) => row ?? []) }',
        put: 'jobs: rows.slice(0, 1).flatMap((row) => row ?? []) }',
      },
    ],
  },
  {
    name: 'task parked for a busy device loses its row in the agenda',
    edits: [
      {
        file: 'shared/use-cases/change-collection.ts',
        find: 'if (to && key && key !== old)',
        put: `if (to && key && key !== old && to.waiting?.reason !== 'MachineBusy')`,
      },
    ],
  },
];
