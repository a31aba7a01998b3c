import type { Machine } from '../domain/action.ts';
import { MOST_TRIES, RESOLVE_FAULT, waitAfter } from '../domain/backoff.ts';
import type { Collection } from '../domain/collection.ts';
import { type Failure, failureOf } from '../domain/failures/failure-codes.ts';
import type { CollectionRequest } from '../domain/request/collection-request.ts';
import { fitsName, matchTarget } from '../domain/target-match.ts';
import { applyResolution, type Found, planResolution, type ResolutionStep } from '../domain/target-resolution.ts';
import type { Task } from '../domain/task.ts';
import { type EpochMs, seconds } from '../domain/time.ts';
import type { DefenderFault, Reply } from '../ports.ts';
import { allTasks } from './all-tasks.ts';
import { changeCollection, changeHeader } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './digest.ts';
import { explainRefusal, isRefusal, type Refusal, refusalStatus } from './explain-refusal.ts';

/** Tasks settled in one transaction. */
const STEPS_AT_ONCE = 20;

/**
 * Finds the machine of every target that does not name it by id. One machine list serves all names, tags and Entra ids
 * of the collection: a call for each of a thousand names would spend Defender's budget ten times over.
 *
 * @returns false when Defender did not answer, or refused not for long: the collection's due time brings the next try, which
 * goes on behind the targets that were found by now
 */
export async function resolveTargets(deps: Deps, collection: Collection, request: CollectionRequest): Promise<boolean> {
  if (isTooEarly(collection, deps.clock.now())) return false;
  const tasks = await allTasks(deps, collection.collectionId);
  const open = tasks.filter((t) => t.state === 'queued' && !t.machineId);
  if (open.length === 0) return true;
  const { found, fault } = await search(deps, open, collection.resolveFaults + 1 >= MOST_TRIES.search);
  const plan = planResolution(collection, request, tasks, found, sha256Hex);
  for (let start = 0; start < plan.length; start += STEPS_AT_ONCE)
    await settle(deps, collection.collectionId, plan.slice(start, start + STEPS_AT_ONCE));
  return fault === undefined || later(deps, collection, fault, found.length > 0);
}

interface Searched {
  /** Of the first targets, in their order. */
  found: Found[];
  /** Why the search ended before the last. */
  fault?: DefenderFault;
}

/** @param isLastTry a refusal is believed, and its targets fail */
async function search(deps: Deps, open: readonly Task[], isLastTry: boolean): Promise<Searched> {
  const isFinal = (fault: DefenderFault): fault is Refusal => isLastTry && isRefusal(fault);
  const directory = orNone(await machineDirectory(deps, open), NO_MACHINES);
  const found: Found[] = [];
  if (!directory.ok && !isFinal(directory.fault)) return { found, fault: directory.fault };
  for (const task of open) {
    const machines = await machinesFor(deps, task, directory);
    if (machines.ok) found.push({ task, match: matchTarget(task.target, machines.value) });
    else if (isFinal(machines.fault))
      found.push({ task, match: { kind: 'failed', failure: whyRefused(machines.fault) } });
    else return { found, fault: machines.fault };
  }
  return { found };
}

/** Messages come a little before their time. */
const EARLY_MS = seconds(1);

/**
 * Each try that fails sends the message for the next. One that comes before its time is the double of another, and would
 * go on beside it, doubled itself in time: it ends here.
 */
const isTooEarly = ({ resolveFaults, dueAt }: Collection, now: EpochMs): boolean =>
  resolveFaults > 0 && dueAt !== undefined && dueAt > now + EARLY_MS;

/** Every machine of the tenant, when any target needs the list. */
async function machineDirectory(deps: Deps, tasks: readonly Task[]): Promise<Reply<Machine[]>> {
  const machines: Machine[] = [];
  if (!tasks.some((t) => !('ipAddress' in t.target))) return { ok: true, value: machines };
  let page: string | undefined;
  do {
    const reply = await deps.defender.machines(page);
    if (!reply.ok) return reply;
    machines.push(...reply.value.value);
    page = reply.value.next;
  } while (page !== undefined);
  return { ok: true, value: machines };
}

async function machinesFor(deps: Deps, { target }: Task, directory: Reply<Machine[]>): Promise<Reply<Machine[]>> {
  if ('ipAddress' in target)
    return orNone(await deps.defender.machinesByIp(target.ipAddress, Date.parse(target.at)), NO_SUCH_MACHINE);
  if (!directory.ok || !('computerDnsName' in target)) return directory;
  const { computerDnsName } = target;
  if (directory.value.some((m) => fitsName(computerDnsName, m.computerDnsName))) return directory;
  // The list leaves out machines not seen for a month; asked by name, Defender still knows them.
  const reply = await deps.defender.machine(computerDnsName);
  return reply.ok ? { ok: true, value: [reply.value] } : orNone(reply, NO_SUCH_MACHINE);
}

/** Of a list: the tenant has no machines. */
const NO_MACHINES: readonly number[] = [404];
/** Defender knows no such machine, or cannot take what was asked for as the name or address of one. */
const NO_SUCH_MACHINE: readonly number[] = [404, 400];

function orNone(reply: Reply<Machine[]>, none: readonly number[]): Reply<Machine[]> {
  const isNone = !reply.ok && isRefusal(reply.fault) && none.includes(refusalStatus(reply.fault));
  return isNone ? { ok: true, value: [] } : reply;
}

/** The commands have nothing to do with it, whatever Defender says of a list. */
function whyRefused(fault: Refusal): Failure {
  const failure = explainRefusal(fault);
  return failure.code === 'PermissionMissing' ? failure : failureOf('DefenderError');
}

/** @param gotOn some targets were settled: the next try is the first of those that are left */
async function later(deps: Deps, { collectionId }: Collection, fault: DefenderFault, gotOn: boolean): Promise<false> {
  deps.log.warn('targets.notResolved', { collectionId, fault: fault.kind });
  const hint = 'retryAfterMs' in fault ? (fault.retryAfterMs ?? 0) : 0;
  const wait = deps.random();
  const changed = await changeHeader(deps, collectionId, (collection, now) => {
    if (collection.expanded) return undefined;
    const resolveFaults = gotOn ? 1 : collection.resolveFaults + 1;
    const dueAt = now + Math.max(hint, waitAfter(RESOLVE_FAULT, resolveFaults, wait));
    return { collection: { ...collection, resolveFaults, dueAt } };
  });
  const dueAt = changed?.collection.dueAt ?? deps.clock.now();
  await deps.queues.send('collections', { collectionId }, Math.max(0, dueAt - deps.clock.now()));
  return false;
}

async function settle(deps: Deps, collectionId: string, steps: ResolutionStep[]): Promise<void> {
  const ids = steps.map((s) => s.taskId);
  await changeCollection(deps, collectionId, ids, (collection, tasks, now) =>
    applyResolution(collection, tasks, steps, now),
  );
}
