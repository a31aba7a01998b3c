/** A gzip stream that did not unpack: spoiled on its way, or damaged where it comes from. */
export interface DoubtedResult {
  sha256: string;
  /** How often in a row these same bytes came. */
  times: number;
}

/** Tries that must bring the same bytes before they are believed. Ours. */
const BELIEVED_AFTER = 3;

export const doubtedOnce = (before: DoubtedResult | undefined, sha256: string): DoubtedResult => ({
  sha256,
  times: before?.sha256 === sha256 ? before.times + 1 : 1,
});

/** Whether these bytes, come once more, are what the source has. */
export const provesItself = (before: DoubtedResult | undefined, sha256: string): boolean =>
  doubtedOnce(before, sha256).times >= BELIEVED_AFTER;
