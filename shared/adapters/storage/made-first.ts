import { setTimeout as pause } from 'node:timers/promises';
import { seconds } from '../../domain/time.ts';
import type { EvidenceStore, Log } from '../../ports.ts';

/** The evidence store of a container that is made, where it is missing, before anything is asked of it. */
export function madeFirst(store: EvidenceStore, made: () => Promise<void>): EvidenceStore {
  const after =
    <Asked extends unknown[], Answer>(method: (...asked: Asked) => Promise<Answer>) =>
    async (...asked: Asked): Promise<Answer> => {
      await made();
      return method(...asked);
    };
  return {
    stat: after(store.stat),
    stagedBlocks: after(store.stagedBlocks),
    stageBlock: after(store.stageBlock),
    stageBlockFromUrl: after(store.stageBlockFromUrl),
    commitBlocks: after(store.commitBlocks),
    put: after(store.put),
    read: after(store.read),
    readLink: after(store.readLink),
  };
}

/** A storage that is away may leave a call without an answer for minutes; who asks goes on without it. Ours, in ms. */
const PATIENCE_MS = seconds(5);

/** Whether the container is there, or could be made, within five seconds. Once it was, that costs nothing. */
export function canStoreIn(made: () => Promise<void>, log: Log): () => Promise<boolean> {
  const tried = () =>
    made().then(
      () => true,
      (error: unknown) => {
        log.error('evidence.unreachable', { error: String(error) });
        return false;
      },
    );
  let can = false;
  return async () => {
    // a timer for each question is spared once the answer stands
    can ||= await Promise.race([tried(), pause(PATIENCE_MS, false, { ref: false })]);
    return can;
  };
}
