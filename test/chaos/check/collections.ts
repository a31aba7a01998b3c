import { z } from 'zod';
import type { Caller } from '../caller.ts';

/** A collection as anybody with a key can read it; only what the checker judges by. */
const Task = z.object({
  taskId: z.string(),
  machineId: z.string().nullish(),
  state: z.string(),
  machineActionId: z.string().nullish(),
  failure: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullish(),
  commands: z.array(
    z.object({
      index: z.int(),
      state: z.string(),
      artifact: z.object({ blobName: z.string(), sha256: z.string(), bytes: z.int() }).nullish(),
    }),
  ),
});
const Event = z.object({ sequence: z.int(), type: z.string() });
const Collection = z.object({ collectionId: z.string(), caseId: z.string(), state: z.string() });

export interface CheckedCollection {
  collectionId: string;
  /** Folder of its evidence within the container. */
  folder: string;
  state: string;
  tasks: z.output<typeof Task>[];
  custody: z.output<typeof Event>[];
}

const OPEN_STATES: ReadonlySet<string> = new Set(['queued', 'running', 'archiving', 'cancelling']);

export async function readCollectionToCheck(caller: Caller, collectionId: string): Promise<CheckedCollection> {
  const { state, caseId } = await caller.read(`/collections/${collectionId}`, Collection);
  return {
    collectionId,
    folder: `${caseId}/${collectionId}`,
    state,
    tasks: await caller.readAll(`/collections/${collectionId}/tasks`, Task),
    custody: await caller.readAll(`/collections/${collectionId}/custody`, Event),
  };
}

/** Read again and again while a storm goes on, so it asks for little. */
export async function hasEnded(caller: Caller, collectionId: string): Promise<boolean> {
  const { state } = await caller.read(`/collections/${collectionId}`, Collection);
  return !OPEN_STATES.has(state);
}

const TOLD_ONCE = ['collection.accepted', 'collection.expanded', 'collection.ended', 'manifest.stored'];

/** What is wrong with a collection's own account, in sentences. */
export function accountFaults({ collectionId, tasks, custody }: CheckedCollection, asked: number): string[] {
  const faults: string[] = [];
  const fault = (what: string) => faults.push(`${collectionId}: ${what}`);
  if (tasks.length !== asked) fault(`${tasks.length} tasks, ${asked} were asked for`);
  for (const { taskId, state, failure } of tasks)
    if (state !== 'archived' && (!failure || failure.message === '' || failure.remedy === ''))
      fault(`task ${taskId} is ${state} and does not say why, or what to do`);
  if (custody.some(({ sequence }, at) => sequence !== at + 1)) fault('its custody record has a gap');
  for (const type of TOLD_ONCE) {
    const times = custody.filter((event) => event.type === type).length;
    if (times !== 1) fault(`${type} is in its custody record ${times} times`);
  }
  return faults;
}
