import type { Attempt } from '../domain/attempt.ts';
import { commentOf } from '../domain/attempt-token.ts';
import { combineReads, onlyReads, othersOf } from '../domain/combined-reads.ts';
import type { Candidate } from '../domain/dispatch-plan.ts';
import type { CollectionRequest, Command } from '../domain/request/collection-request.ts';
import { matesOf, mostUrgent, servedAs } from '../domain/run-sharing.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Deps } from './deps.ts';

/** An attempt that is about to be saved. */
export interface Draft {
  /** The first is the one whose turn it is. */
  candidates: Candidate[];
  attempt: Attempt;
}

/**
 * One attempt for each chosen task and those who can share its action.
 *
 * @param waiting among whom those are found
 * @returns `orphans`: turns of collections that there are not. One that cannot be read now keeps its turns and holds up nobody
 */
export async function draftAttempts(
  deps: Deps,
  chosen: Candidate[],
  waiting: readonly Candidate[],
): Promise<{ drafts: Draft[]; orphans: Candidate[] }> {
  const requests = await requestsOf(deps, chosen);
  const others = othersOfReaders(requests, chosen, waiting, deps.clock.now());
  const behind = await requestsOf(deps, [...others.values()].flat());
  const asks = ({ collectionId }: Candidate) => commandsOf(behind.get(collectionId));
  const drafts = chosen.flatMap((candidate) => {
    const request = requests.get(candidate.collectionId);
    if (!request || request === 'unreadable') return [];
    const attemptId = deps.ids.next();
    const first = { commands: commandsOf(request) ?? [], candidates: [candidate, ...matesOf(candidate, waiting)] };
    const combined = combineReads(first, others.get(candidate) ?? [], waiting, asks);
    const candidates = combined.candidates.map((one) => one.candidate);
    const attempt: Attempt = {
      attemptId,
      tenantId: deps.settings.tenantId,
      machineId: candidate.machineId,
      tasks: combined.candidates.map((one) => servedAs(one.candidate, one.firstIndex)),
      commands: combined.commands,
      ...(candidate.run === undefined ? {} : { run: candidate.run }),
      ...(candidate.kind === undefined ? {} : { kind: candidate.kind }),
      ...(candidate.platform === undefined ? {} : { platform: candidate.platform }),
      ...(combined.behind.length === 0 ? {} : { behind: combined.behind }),
      comment: commentOf(attemptId, request),
      state: 'submitting',
      intentAt: deps.clock.now(),
      priority: mostUrgent(candidates) ?? candidate.priority,
      ...(candidate.asleep ? { probe: true } : {}),
    };
    return [{ candidates, attempt }];
  });
  return { drafts, orphans: chosen.filter((c) => requests.get(c.collectionId) === undefined) };
}

/** By collection. */
type Requests = ReadonlyMap<string, CollectionRequest | 'unreadable' | undefined>;

async function requestsOf(deps: Deps, candidates: readonly Candidate[]): Promise<Requests> {
  const ids = [...new Set(candidates.map((c) => c.collectionId))];
  return new Map(await Promise.all(ids.map(async (id) => [id, await requestOf(deps, id)] as const)));
}

/** Who asks for something else of the devices of which files alone are read: of others it does not matter. */
function othersOfReaders(
  requests: Requests,
  chosen: readonly Candidate[],
  waiting: readonly Candidate[],
  now: EpochMs,
): ReadonlyMap<Candidate, Candidate[]> {
  const readers = chosen.filter(({ collectionId }) => onlyReads(commandsOf(requests.get(collectionId)) ?? []));
  return new Map(readers.map((candidate) => [candidate, othersOf(candidate, waiting, now)]));
}

const commandsOf = (request: CollectionRequest | 'unreadable' | undefined): Command[] | undefined =>
  request === undefined || request === 'unreadable'
    ? undefined
    : request.commands.map(({ index: _, ...command }) => command);

const requestOf = (deps: Deps, collectionId: string): Promise<CollectionRequest | 'unreadable' | undefined> =>
  deps.collections.request(collectionId).catch((error: unknown) => {
    deps.log.error('dispatch.collectionUnreadable', { collectionId, error: String(error) });
    return 'unreadable' as const;
  });
