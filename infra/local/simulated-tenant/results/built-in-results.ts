import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { instant } from '../model/instants.ts';
import type { ProducedResult } from '../model/reading-actions.ts';
import { sha256Of } from '../model/result-content.ts';
import { type ResultFacts, type ResultStore, resultKey } from './result-store.ts';

/** Results served by the tenant itself: made anew for each request, behind links that carry a signature and an end. */
export class BuiltInResults implements ResultStore {
  readonly kind = 'builtIn';
  readonly #key = randomBytes(32);
  readonly #baseUrl: string;
  readonly #facts = new Map<string, Promise<ResultFacts>>();

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  keep(result: ProducedResult): Promise<ResultFacts> {
    const key = resultKey(result);
    const known = this.#facts.get(key);
    if (known !== undefined) return known;
    const facts = factsOf(result);
    this.#facts.set(key, facts);
    return facts;
  }

  async linkTo(result: ProducedResult, expiresAt: number): Promise<string> {
    const path = `/results/${resultKey(result)}`;
    // The nonce makes each link a new one, as with Defender, even within a second.
    const query = new URLSearchParams({
      se: instant(expiresAt, 3),
      sp: 'r',
      sv: '2019-07-07',
      sr: 'b',
      nonce: randomBytes(6).toString('hex'),
    });
    query.set('sig', this.#signature(path, query));
    return `${this.#baseUrl}${path}?${query}`;
  }

  /** Whether a request's address was given by `linkTo`, and its end has not come. */
  admits(path: string, query: URLSearchParams, now: number): boolean {
    const given = Buffer.from(query.get('sig') ?? '');
    const unsigned = new URLSearchParams(query);
    unsigned.delete('sig');
    const right = Buffer.from(this.#signature(path, unsigned));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return false;
    return now < Date.parse(query.get('se') ?? '');
  }

  #signature(path: string, query: URLSearchParams): string {
    return createHmac('sha256', this.#key).update(`${path}?${query}`).digest('base64');
  }
}

async function factsOf(result: ProducedResult): Promise<ResultFacts> {
  const { content } = result;
  return { bytes: content.bytes, sha256: await sha256Of(content) };
}
