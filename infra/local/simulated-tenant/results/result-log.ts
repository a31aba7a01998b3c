import { resultKey } from './result-store.ts';

/** What became of one result, as far as the tenant sees it. */
export interface ResultTraffic {
  linksGiven: number;
  /** Requests that reached the built-in server; a storage account serves its blobs by itself. */
  requests: number;
  /** Whole bodies sent by the built-in server. */
  served: number;
}

/** Counts links and requests per result, and requests that carried a token where none belongs. */
export class ResultLog {
  readonly #byResult = new Map<string, ResultTraffic>();
  /** Result requests with an `Authorization` header: the caller showed its token to a storage host. */
  readonly authorizationSeen: { at: number; actionId: string; index: string }[] = [];

  of(result: { actionId: string; index: number | string }): ResultTraffic {
    const key = resultKey(result as Parameters<typeof resultKey>[0]);
    let traffic = this.#byResult.get(key);
    if (traffic === undefined) {
      traffic = { linksGiven: 0, requests: 0, served: 0 };
      this.#byResult.set(key, traffic);
    }
    return traffic;
  }
}
