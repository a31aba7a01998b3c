import { setTimeout as pause } from 'node:timers/promises';

export interface Remembered {
  readonly what: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A caller who shows a function key in both ways and a token, and remembers every answer. */
export class RememberingCaller {
  readonly answers: Remembered[] = [];
  readonly #url: string;
  readonly #key: string;
  readonly #token: string;

  constructor(url: string, key: string, token: string) {
    this.#url = url;
    this.#key = key;
    this.#token = token;
  }

  async call(method: string, address: string, body?: unknown): Promise<Remembered> {
    const url = new URL(URL.canParse(address) ? address : `${this.#url}${address}`);
    url.searchParams.set('code', this.#key);
    const answer = await fetch(url, {
      method,
      headers: {
        'Content-Type': 'application/json',
        'x-functions-key': this.#key,
        Authorization: `Bearer ${this.#token}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const what = `${method} ${url.pathname}`;
    const remembered = { what, status: answer.status, headers: answer.headers, body: await answer.text() };
    this.answers.push(remembered);
    return remembered;
  }

  /** @returns the collection's id and the address of its operation */
  async submit(request: unknown): Promise<{ collectionId: string; location: string }> {
    const { status, headers, body } = await this.call('POST', '/collections', request);
    if (status !== 202) throw new Error(`${status}: ${body}`);
    const { collectionId } = JSON.parse(body) as { collectionId: string };
    return { collectionId, location: headers.get('location') ?? '' };
  }

  async untilEnded({ location }: { location: string }, mostMs = 60_000): Promise<void> {
    const deadline = Date.now() + mostMs;
    while ((await this.call('GET', location)).status !== 200) {
      if (Date.now() > deadline) throw new Error('the operation does not end');
      await pause(300);
    }
  }
}
