import type { MachineAction } from '../../infra/local/simulated-tenant/model/machine-action.ts';
import type { DeviceInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import type { CallRecord } from '../../infra/local/simulated-tenant/model/tenant-record.ts';
import { limitsBroken, runsByAttempt } from '../../infra/local/simulated-tenant/model/verdicts.ts';
import type { Collection } from '../../shared/domain/collection.ts';
import type { CustodyEvent } from '../../shared/domain/custody.ts';
import type { Task } from '../../shared/domain/task.ts';
import { allTasks } from '../../shared/use-cases/all-tasks.ts';
import { idOf } from './asking.ts';
import { START, type World } from './world.ts';

/** What there is to see in a world: rows of Holdfast on one side, the tenant's own record on the other. */

export async function collectionOf(world: World, collectionId: string): Promise<Collection> {
  const header = await world.state.collections.header(collectionId);
  if (!header) throw new Error(`there is no collection ${collectionId}`);
  return header.value;
}

export const tasksOf = (world: World, collectionId: string): Promise<Task[]> =>
  allTasks({ collections: world.state.collections }, collectionId);

/** The task of a collection of one device. */
export async function taskOf(world: World, collectionId: string): Promise<Task> {
  const [task, ...others] = await tasksOf(world, collectionId);
  if (!task || others.length > 0) throw new Error(`the collection has ${others.length + (task ? 1 : 0)} tasks`);
  return task;
}

export async function custodyOf(world: World, collectionId: string): Promise<CustodyEvent[]> {
  return (await world.state.collections.custody(collectionId, { top: 100_000 })).value;
}

/** Seconds since the world's start. */
export const secondsOf = (at: number): number => (at - START) / 1000;

/** Every submit that the tenant saw, of one device or of all. */
export function submits(world: World, device?: DeviceInput): CallRecord[] {
  return world.tenant.state.record.calls.filter(
    (call) => call.endpoint === 'runLiveResponse' && (device === undefined || call.machineId === idOf(device)),
  );
}

export const refusals = (world: World): CallRecord[] =>
  world.tenant.state.record.calls.filter((call) => call.status === 429);

export const actionsOn = (world: World, device: DeviceInput): readonly MachineAction[] =>
  world.tenant.state.ledger.ofMachine(idOf(device));

/** Runs that have begun on a device. */
export const runsOn = (world: World, device: DeviceInput): number =>
  actionsOn(world, device).filter((action) => action.timeline.startsAt <= world.clock.now()).length;

/** Calls that reached Defender, and calls to storage, so far. */
export function callCounts(world: World): { defender: number; storage: number } {
  const counts = { defender: 0, storage: 0 };
  for (const [call, times] of world.calls) {
    if (call.startsWith('defender.')) counts.defender += times;
    else if (/^(collections|work|index|registers|queues|evidence|secrets)\./.test(call)) counts.storage += times;
  }
  return counts;
}

/** What must never happen, whatever the story (design.md, "What holds always"); empty when all is well. */
export function wrongs(world: World): string[] {
  const { record, switches, ledger } = world.tenant.state;
  const broken = limitsBroken(record, switches).map(
    (b) => `limit ${b.limit} ${b.refusal ?? ''} broken ${b.times} times`,
  );
  const twice = Object.entries(runsByAttempt(ledger.all, world.clock.now()))
    .filter(([, runs]) => runs > 1)
    .map(([comment, runs]) => `${comment} ran ${runs} times`);
  return [...broken, ...twice, ...world.poisoned.map((p) => `poison on ${p.queue}: ${String(p.error)}`)];
}
