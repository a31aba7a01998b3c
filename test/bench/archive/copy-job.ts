/** How results come into the evidence container. */
export const COPY_SYSTEMS = ['plain-copy', 'holdfast', 'holdfast-read-back', 'holdfast-server-copy'] as const;
export type CopySystem = (typeof COPY_SYSTEMS)[number];

/** Copies of one result one after the other, in a process of its own so that its memory can be told apart. */
export interface CopyJob {
  system: CopySystem;
  /** How often it is copied, each time under a name of its own. */
  times: number;
  /** Of the account that gets the copies. */
  connectionString: string;
  containerName: string;
  blobName: string;
  /** Read-only and short-lived, to the other account. */
  link: string;
}

/** `ms` of all copies, without the start of the process; `peakRss` in bytes. */
export interface CopyEnded {
  ms: number;
  peakRss: number;
}
