import { setTimeout as pause } from 'node:timers/promises';
import type { CallbackReceiver } from '../e2e/kill/callback-receiver.ts';
import type { Caller } from './caller.ts';
import { hasEnded } from './check/collections.ts';
import type { StormProgress } from './storm.ts';

const LOOK_AGAIN_MS = 1_000;

/** Looks at what is accepted again and again, as a caller that waits would, and counts what has ended and was told. */
export class EndWatch {
  readonly ended = new Set<string>();
  #caller: Caller;
  #progress: StormProgress;
  #callbacks: CallbackReceiver;

  constructor(caller: Caller, progress: StormProgress, callbacks: CallbackReceiver) {
    this.#caller = caller;
    this.#progress = progress;
    this.#callbacks = callbacks;
  }

  /** Watches until `isOver` says so. */
  async watch(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      for (const { collectionId, request } of [...this.#progress.accepted]) {
        if (this.ended.has(collectionId) || isOver()) continue;
        const told = this.#callbacks.receivedFor(String(request.body.requestId)).length > 0;
        if (told && (await hasEnded(this.#caller, collectionId))) this.ended.add(collectionId);
      }
      await pause(LOOK_AGAIN_MS);
    }
  }

  get allHaveEnded(): boolean {
    return this.#progress.accepted.every(({ collectionId }) => this.ended.has(collectionId));
  }
}
