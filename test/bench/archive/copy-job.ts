/** One copy of one result, in a process of its own so that its memory can be told apart. */
export interface CopyJob {
  system: 'holdfast' | 'plain-copy';
  /** Of the account that gets the copy. */
  connectionString: string;
  containerName: string;
  blobName: string;
  /** Read-only and short-lived, to the other account. */
  link: string;
}

/** `ms` without the start of the process; `peakRss` in bytes. */
export interface CopyEnded {
  ms: number;
  peakRss: number;
}
