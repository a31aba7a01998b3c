import type { EvidenceStore } from '../../ports.ts';

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
