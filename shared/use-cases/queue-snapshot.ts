import { capacityOf } from '../domain/capacity.ts';
import type { WaitingReason } from '../domain/failures/waiting-reasons.ts';
import { READY, readTaskAgendaKey, tasksAgenda } from '../domain/index-keys.ts';
import type { Priority } from '../domain/request/collection-request.ts';
import { type Outlook, outlookOf, TYPICAL_SLOT_MS } from '../domain/schedule/estimate.ts';
import { usualSlotMs } from '../domain/schedule/lessons.ts';
import { roomNow } from '../domain/schedule/room-now.ts';
import { type EpochMs, seconds } from '../domain/time.ts';
import type { Deps } from './deps.ts';
import { readLessons } from './learned-schedule.ts';
import type { WaitingFacts } from './views/task-view.ts';

/** Answers may be this old: a hundred callers asking at once cost one look. */
const FRESH_MS = seconds(2);
/** And the older, the more rows a look reads: all of them lie in one partition, which gives 2,000 a second to everybody. */
const FRESH_MS_PER_ROW = 2;
/** Places beyond are not counted. */
const MOST_COUNTED = 10_000;

/** Of one collection, by task id: the places of its ready tasks, from 1. */
type Places = ReadonlyMap<string, number>;

export interface QueueSnapshot {
  takenAt: EpochMs;
  /** Ready tasks, in the order of their turn, by collection id. */
  places: ReadonlyMap<string, Places>;
  /** How many tasks are ready. */
  queued: number;
  queuedReason: WaitingReason;
  outlook: Outlook;
}

type Kept = WeakMap<Deps, Promise<QueueSnapshot>>;

const recent: Kept = new WeakMap();
const forNewcomers: Kept = new WeakMap();

/** The queue as it stood some seconds ago, two while it is short, whoever asks. Costs no Defender call. */
export const queueSnapshot = (deps: Deps): Promise<QueueSnapshot> => freshIn(deps, recent);

/**
 * When the first task of a request that comes now may start. Looks of newcomers are theirs alone: whoever asks for what was
 * just accepted would miss it in them.
 *
 * @returns `undefined` when the queue cannot be read: the request is accepted all the same
 */
export async function newcomerStartAt(deps: Deps, priority: Priority): Promise<EpochMs | undefined> {
  const queue = await lookForNewcomers(deps).catch((error: unknown) =>
    deps.log.warn('accept.queueUnreadable', { error: String(error) }),
  );
  if (!queue) return undefined;
  const { queued, outlook } = queue;
  return Math.max(deps.clock.now(), outlook.startOf(priority === 'urgent' ? 1 : queued + 1));
}

const lookForNewcomers = async (deps: Deps): Promise<QueueSnapshot> =>
  (await freshest(deps, recent)) ?? freshIn(deps, forNewcomers);

async function freshIn(deps: Deps, kept: Kept): Promise<QueueSnapshot> {
  const before = kept.get(deps);
  const known = await freshest(deps, kept);
  if (known) return known;
  // somebody who waited for the same look may have begun the next
  const meanwhile = kept.get(deps);
  const taken = meanwhile === undefined || meanwhile === before ? takeSnapshot(deps) : meanwhile;
  kept.set(deps, taken);
  return taken;
}

async function freshest(deps: Deps, kept: Kept): Promise<QueueSnapshot | undefined> {
  const known = await kept.get(deps)?.catch(() => undefined);
  if (!known) return undefined;
  const freshMs = Math.max(FRESH_MS, known.queued * FRESH_MS_PER_ROW);
  return Math.abs(deps.clock.now() - known.takenAt) < freshMs ? known : undefined;
}

async function takeSnapshot(deps: Deps): Promise<QueueSnapshot> {
  const { limits, probationMs, tenantId } = deps.settings;
  const [places, work, lessons] = await Promise.all([readPlaces(deps), deps.work.load(tenantId), readLessons(deps)]);
  const now = deps.clock.now();
  const guard = work.guard.value;
  const attempts = work.attempts.map((a) => a.value);
  const capacity = capacityOf(attempts, guard, limits, now);
  const paused = capacity.pausedUntil === undefined ? undefined : guard.pauseReason;
  const slotMs = usualSlotMs(lessons) ?? TYPICAL_SLOT_MS;
  return {
    takenAt: now,
    ...places,
    queuedReason: paused ?? (capacity.slots === 0 ? 'NoSlot' : 'SubmitRate'),
    outlook: outlookOf(roomNow(attempts, guard, limits, { slotMs, probationMs }, now), slotMs),
  };
}

async function readPlaces(deps: Deps): Promise<Pick<QueueSnapshot, 'places' | 'queued'>> {
  const places = new Map<string, Map<string, number>>();
  let queued = 0;
  let continuation: string | undefined;
  do {
    const page = await deps.index.range(tasksAgenda(deps.settings.tenantId), {
      ...READY,
      top: 1000,
      ...(continuation === undefined ? {} : { continuation }),
    });
    for (const { key } of page.value) {
      const task = readTaskAgendaKey(key);
      if (!task) continue;
      const ofCollection = places.get(task.collectionId) ?? new Map<string, number>();
      places.set(task.collectionId, ofCollection);
      // A task may have a second row, left by a wait that is over.
      if (!ofCollection.has(task.taskId)) ofCollection.set(task.taskId, ++queued);
    }
    continuation = page.continuation;
  } while (continuation !== undefined && queued < MOST_COUNTED);
  return { places, queued };
}

/** What an answer about one collection says of its waiting tasks. */
export interface QueueFacts extends WaitingFacts {
  /** When the first of them may start; absent: none waits for its turn. */
  firstStartAt?: EpochMs;
}

/** @param now of the answer: a snapshot is some seconds old, an estimate never is */
export function waitingFacts(snapshot: QueueSnapshot, collectionId: string, now: EpochMs): QueueFacts {
  const positions = snapshot.places.get(collectionId) ?? new Map<string, number>();
  const estimateStart = (position: number) => Math.max(now, snapshot.outlook.startOf(position));
  const facts = { queuedReason: snapshot.queuedReason, positions, estimateStart };
  return positions.size === 0 ? facts : { ...facts, firstStartAt: estimateStart(Math.min(...positions.values())) };
}
