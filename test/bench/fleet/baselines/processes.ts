/** Something that goes on in virtual time: it yields how long it waits, in ms, and goes on then. */
export type Process<T = void> = Generator<number, T, void>;

/** Runs processes side by side in virtual time, always the one that is due first; of equals, the one that came first. */
export interface Processes {
  /** ms from the start. */
  now(): number;
  start(process: Process, atMs?: number): void;
  /** Ends everything that goes on, as the crash of a host without memory does. */
  endAll(): void;
  /** Until nothing goes on, or until `untilMs`. */
  run(untilMs: number): void;
}

interface Due {
  atMs: number;
  order: number;
  process: Process;
}

export function createProcesses(): Processes {
  let nowMs = 0;
  let order = 0;
  const due = createQueue();
  const push = (process: Process, atMs: number): void => {
    order += 1;
    due.push({ atMs, order, process });
  };
  return {
    now: () => nowMs,
    start: (process, atMs = nowMs) => push(process, atMs),
    endAll: () => due.clear(),
    run: (untilMs) => {
      for (let next = due.pop(untilMs); next !== undefined; next = due.pop(untilMs)) {
        nowMs = next.atMs;
        const { done, value } = next.process.next();
        if (done !== true) push(next.process, nowMs + value);
      }
    },
  };
}

const isBefore = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap: ten thousand devices wait at once. */
function createQueue() {
  const heap: Due[] = [];
  const swap = (a: number, b: number): void => {
    const [x, y] = [heap[a], heap[b]];
    if (x === undefined || y === undefined) return;
    heap[a] = y;
    heap[b] = x;
  };
  const precedes = (a: number, b: number): boolean => {
    const [x, y] = [heap[a], heap[b]];
    return x !== undefined && y !== undefined && isBefore(x, y);
  };
  return {
    clear: () => heap.splice(0),
    push: (due: Due) => {
      let at = heap.push(due) - 1;
      for (let parent = (at - 1) >> 1; at > 0 && precedes(at, parent); parent = (at - 1) >> 1) {
        swap(at, parent);
        at = parent;
      }
    },
    /** The first, if it is due by `untilMs`. */
    pop: (untilMs: number): Due | undefined => {
      const first = heap[0];
      if (first === undefined || first.atMs > untilMs) return undefined;
      swap(0, heap.length - 1);
      heap.pop();
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        const least = precedes(right, left) ? right : left;
        if (!precedes(least, at)) break;
        swap(at, least);
        at = least;
      }
      return first;
    },
  };
}
