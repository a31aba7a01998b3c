import type { EpochMs } from '../../shared/domain/time.ts';

/** Does something at its time; `true`: the app may have gone on, so let it run until it waits again. */
export type Happening = () => boolean | Promise<unknown> | undefined;

interface Planned {
  at: EpochMs;
  order: number;
  happen: Happening;
}

/** What is to come, in order of time, then of being planned: a binary heap. */
export class EventQueue {
  #heap: Planned[] = [];
  #planned = 0;

  get size(): number {
    return this.#heap.length;
  }

  plan(at: EpochMs, happen: Happening): void {
    const heap = this.#heap;
    const item = { at, order: this.#planned++, happen };
    let place = heap.length;
    heap.push(item);
    while (place > 0) {
      const up = (place - 1) >> 1;
      const parent = heap[up];
      if (!parent || !isBefore(item, parent)) break;
      heap[place] = parent;
      place = up;
    }
    heap[place] = item;
  }

  next(): Planned | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let down = 2 * place + 1;
      let child = heap[down];
      const right = heap[down + 1];
      if (child && right && isBefore(right, child)) {
        child = right;
        down += 1;
      }
      if (!child || !isBefore(child, last)) break;
      heap[place] = child;
      place = down;
    }
    heap[place] = last;
    return first;
  }
}

const isBefore = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
