/** One way of breaking the code on purpose: exact pieces of source and what stands in their place. */
export interface Mutant {
  name: string;
  edits: readonly { file: string; find: string; put: string }[];
}

/** The ten of the issue "Nothing is lost": each must be noticed by some seed. A piece that is not found, or twice, ends the run. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'intent not saved before the POST',
    edits: [
      {
        file: 'shared/use-cases/save-intents.ts',
        find: 'deps.work.commit(deps.settings.tenantId, { guard, attempts })',
        put: 'deps.work.commit(deps.settings.tenantId, { guard })',
      },
      {
        file: 'shared/use-cases/submit-intents.ts',
        find: "deps.checkpoint('dispatch.afterSubmit');",
        put: 'await deps.work.commit(attempt.tenantId, { attempts: [{ value: attempt }] });',
      },
    ],
  },
  {
    name: 'adoption removed',
    edits: [
      {
        file: 'shared/use-cases/follow-actions.ts',
        find: 'await adoptActions(deps, plan.adopt);',
        put: 'void adoptActions;',
      },
    ],
  },
  {
    name: 'ETag ignored on a task write',
    edits: [
      {
        file: 'shared/use-cases/change-collection.ts',
        find: '      etag: header.etag,\n',
        put: '      etag: (await deps.collections.header(header.value.collectionId))?.etag ?? header.etag,\n',
      },
    ],
  },
  {
    name: 'link cached between tries',
    edits: [
      {
        file: 'shared/use-cases/archive-result.ts',
        find: 'const link = await deps.defender.resultLink(job.machineActionId, job.index);',
        put: `const cached = LINKS.get(job.machineActionId + job.index);
  const link = cached ?? (await deps.defender.resultLink(job.machineActionId, job.index));
  if (link.ok) LINKS.set(job.machineActionId + job.index, link);`,
      },
      {
        file: 'shared/use-cases/archive-result.ts',
        find: 'function tryMs(',
        put: `const LINKS = new Map<string, Awaited<ReturnType<Deps['defender']['resultLink']>>>();\nfunction tryMs(`,
      },
    ],
  },
  {
    name: 'session not freed after a failure',
    edits: [{ file: 'shared/use-cases/submit-intents.ts', find: "    state: 'closed',\n", put: '' }],
  },
  {
    name: 'callback marked sent before sending',
    edits: [
      {
        file: 'shared/use-cases/send-callback.ts',
        find: 'const answer = await deps.callbacks.post(url, body);',
        put: `await note(deps, collectionId, callback.tries, 200);
  const answer = await deps.callbacks.post(url, body);`,
      },
    ],
  },
  {
    name: 'archive marked before verification',
    edits: [
      {
        file: 'shared/use-cases/hold-result/hold-result.ts',
        find: 'const stat = await deps.evidence.stat(job.blobName);\n  if (stat?.bytes !== bytes)',
        put: 'const stat = await deps.evidence.stat(job.blobName);\n  if (!stat)',
      },
    ],
  },
  {
    name: 'retry without cap',
    edits: [
      {
        file: 'shared/domain/backoff.ts',
        find: 'result: 10, resultBegun: 12,',
        put: 'result: 10_000, resultBegun: 12_000,',
      },
    ],
  },
  {
    name: 'list paging ignored',
    edits: [
      {
        file: 'shared/use-cases/resolve-targets.ts',
        find: 'page = reply.value.next;\n  } while (page !== undefined);\n  return { ok: true, value: machines };',
        put: 'page = undefined;\n  } while (page !== undefined);\n  return { ok: true, value: machines };',
      },
    ],
  },
  {
    name: 'time taken from the machine instead of the clock port',
    edits: [
      {
        file: 'shared/use-cases/change-collection.ts',
        find: 'decide(header.value, tasks, deps.clock.now())',
        put: 'decide(header.value, tasks, Date.now())',
      },
    ],
  },
];
