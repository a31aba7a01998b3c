import type { ProducedResult } from '../model/reading-actions.ts';

/** Size and hash of a result as it is served. */
export interface ResultFacts {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/** Where results lie until a caller fetches them: Azure Storage, or the tenant's own server. */
export interface ResultStore {
  readonly kind: 'azure' | 'builtIn';
  /** Makes sure that the result can be fetched. */
  keep(result: ProducedResult): Promise<ResultFacts>;
  /** A fresh read-only link. @param expiresAt epoch ms */
  linkTo(result: ProducedResult, expiresAt: number): Promise<string>;
}

/** The name of a result within its tenant. */
export function resultKey(result: Pick<ProducedResult, 'actionId' | 'index'>): string {
  return `${result.actionId}/${result.index}`;
}
