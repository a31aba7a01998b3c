import { capacityOf } from '../domain/capacity.ts';
import type { Collection } from '../domain/collection.ts';
import type { WaitingReason } from '../domain/failures/waiting-reasons.ts';
import { READY, readTaskAgendaKey, tasksAgenda } from '../domain/index-keys.ts';
import { type EpochMs, minutes, seconds } from '../domain/time.ts';
import type { Deps } from './deps.ts';
import type { WaitingFacts } from './views/task-view.ts';

/** How long a live response action holds its slot, typically; until Holdfast learns better. In ms. */
const TYPICAL_SLOT_MS = minutes(4);
/** Answers may be this old: a hundred callers asking at once cost one look. */
const FRESH_MS = seconds(2);
/** Places beyond are not counted. */
const MOST_COUNTED = 10_000;

export interface QueueSnapshot {
  takenAt: EpochMs;
  /** `collectionId|taskId` of ready tasks, in the order of their turn. */
  places: ReadonlyMap<string, number>;
  queuedReason: WaitingReason;
  /** When limits let the next task start; `takenAt` at the earliest. */
  nextStartAt: EpochMs;
  /** Tasks that can be started, in one ms, as far as limits tell. */
  startsPerMs: number;
}

const recent = new WeakMap<Deps, Promise<QueueSnapshot>>();

/** The queue as it stands, taken at most every two seconds whoever asks. Costs no Defender call. */
export async function queueSnapshot(deps: Deps): Promise<QueueSnapshot> {
  const known = await recent.get(deps)?.catch(() => undefined);
  if (known && Math.abs(deps.clock.now() - known.takenAt) < FRESH_MS) return known;
  const taken = takeSnapshot(deps);
  recent.set(deps, taken);
  return taken;
}

async function takeSnapshot(deps: Deps): Promise<QueueSnapshot> {
  const { limits, tenantId } = deps.settings;
  const [places, work] = await Promise.all([readPlaces(deps), deps.work.load(tenantId)]);
  const now = deps.clock.now();
  const guard = work.guard.value;
  const capacity = capacityOf(
    work.attempts.map((a) => a.value),
    guard,
    limits,
    now,
  );
  const paused = capacity.pausedUntil === undefined ? undefined : guard.pauseReason;
  return {
    takenAt: now,
    places,
    queuedReason: paused ?? (capacity.slots === 0 ? 'NoSlot' : 'SubmitRate'),
    nextStartAt: capacity.pausedUntil ?? Math.max(now, capacity.nextPermitAt ?? now),
    startsPerMs: Math.min(limits.submitsPerMinute / minutes(1), capacity.slotLimit / TYPICAL_SLOT_MS),
  };
}

async function readPlaces(deps: Deps): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  let continuation: string | undefined;
  do {
    const page = await deps.index.range(tasksAgenda(deps.settings.tenantId), {
      ...READY,
      top: 1000,
      ...(continuation === undefined ? {} : { continuation }),
    });
    for (const { key } of page.value) {
      const task = readTaskAgendaKey(key);
      if (task) places.set(`${task.collectionId}|${task.taskId}`, places.size + 1);
    }
    continuation = page.continuation;
  } while (continuation !== undefined && places.size < MOST_COUNTED);
  return places;
}

/** What an answer about one collection says of its waiting tasks. */
export function waitingFacts(snapshot: QueueSnapshot, { collectionId }: Collection): WaitingFacts {
  const mine = [...snapshot.places].flatMap(([key, place]): [string, number][] => {
    const [id, taskId] = key.split('|');
    return id === collectionId && taskId !== undefined ? [[taskId, place]] : [];
  });
  return {
    queuedReason: snapshot.queuedReason,
    positions: new Map(mine),
    estimateStart: (position) => snapshot.nextStartAt + Math.round((position - 1) / snapshot.startsPerMs),
  };
}
