import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { z } from 'zod';
import { ArtifactLink, ArtifactPage } from '../../shared/contracts/artifact-view.ts';
import { CollectionPage, type CollectionSummary, CollectionView } from '../../shared/contracts/collection-view.ts';
import { type CustodyEventView, CustodyPage } from '../../shared/contracts/custody-event.ts';
import { ErrorEnvelope } from '../../shared/contracts/errors.ts';
import { EndedOperation, OpenOperation } from '../../shared/contracts/operation-view.ts';
import { asView } from './contract-views.ts';
import { documentedStatuses } from './documented-answers.ts';

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer<Body> {
  readonly headers: Headers;
  readonly body: Body;
}

export interface Accepted extends Answer<CollectionView> {
  readonly location: string;
  readonly collectionId: string;
}

const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 150;

/** A caller who takes the contract at its word: whatever differs from it by a status, a header or a field throws. */
export class HoldfastClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param url `http://127.0.0.1:<port>/api` */
  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  /** @param address a path below `/api`, or an absolute address as an answer gave it */
  async fetch(address: string, { method = 'GET', body, headers }: Call = {}): Promise<Response> {
    const url = URL.canParse(address) ? address : `${this.#url}${address}`;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(url, {
      method,
      headers: { 'Content-Type': 'application/json', ...this.#headers, ...headers },
      ...(body === undefined ? {} : { body: text }),
    });
    expect(answer.headers.get('cache-control'), `cache-control of ${address}`).toBe('no-store');
    expect(documentedStatuses(method, url), `statuses of ${method} ${address}`).toContain(answer.status);
    return answer;
  }

  async read<T>(view: z.ZodType<T>, address: string, call: Call & { status?: number } = {}): Promise<Answer<T>> {
    const { status = 200 } = call;
    const answer = await this.fetch(address, call);
    const text = await answer.text();
    if (answer.status !== status) throw new Error(`${answer.status} instead of ${status} for ${address}: ${text}`);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    return { headers: answer.headers, body: asView(view, JSON.parse(text)) };
  }

  /** The error of a call that is to be refused. */
  async refusal(status: number, address: string, call: Call = {}) {
    return (await this.read(ErrorEnvelope, address, { ...call, status })).body.error;
  }

  async submit(request: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Accepted> {
    return this.accepted('/collections', { method: 'POST', body: request, headers });
  }

  /** A call that is answered like a request: 202, where to follow it, and the collection. */
  async accepted(address: string, call: Call): Promise<Accepted> {
    const { headers, body } = await this.read(CollectionView, address, { ...call, status: 202 });
    const location = headers.get('location') ?? '';
    expect(headers.get('operation-location')).toBe(location);
    expect(location).toMatch(
      new RegExp(`^http://127\\.0\\.0\\.1:\\d+/api/operations/${body.collectionId}\\?op=.{32,}$`),
    );
    expectRetryAfter(headers);
    return { headers, body, location, collectionId: body.collectionId };
  }

  collection = async (collectionId: string): Promise<CollectionView> =>
    (await this.read(CollectionView, `/collections/${collectionId}`)).body;

  /** Follows `Location` to the end as Logic Apps does, though faster. */
  async ended(location: string): Promise<EndedOperation> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await pause(LOOK_AGAIN_MS)) {
      const answer = await this.fetch(location);
      const body: unknown = await answer.json();
      if (answer.status === 200) return asView(EndedOperation, body);
      expect(answer.status).toBe(202);
      asView(OpenOperation, body);
      expect(answer.headers.get('location')).toBe(location);
      expectRetryAfter(answer.headers);
      if (Date.now() > deadline) throw new Error(`Not ended in time: ${JSON.stringify(body)}`);
    }
  }

  /** Submits and waits for the end. */
  async collect(request: unknown, headers: Readonly<Record<string, string>> = {}): Promise<CollectionView> {
    return (await this.ended((await this.submit(request, headers)).location)).result;
  }

  /** Reads the collection until it is as wanted. */
  async until(collectionId: string, wanted: (collection: CollectionView) => boolean): Promise<CollectionView> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await pause(LOOK_AGAIN_MS)) {
      const collection = await this.collection(collectionId);
      if (wanted(collection)) return collection;
      if (Date.now() > deadline) throw new Error(`Not so in time: ${JSON.stringify(collection)}`);
    }
  }

  list = async (query: Readonly<Record<string, string>>): Promise<CollectionSummary[]> =>
    this.pages(CollectionPage, `/collections?${new URLSearchParams(query)}`);

  artifacts = (collectionId: string) => this.pages(ArtifactPage, `/collections/${collectionId}/artifacts`);

  custody = (collectionId: string): Promise<CustodyEventView[]> =>
    this.pages(CustodyPage, `/collections/${collectionId}/custody`);

  link = async (collectionId: string, artifactId: string): Promise<ArtifactLink> =>
    (await this.read(ArtifactLink, `/collections/${collectionId}/artifacts/${artifactId}/link`)).body;

  /** Everything behind an address, page by page, by the links as they were given. */
  async pages<T>(view: z.ZodType<{ value: T[]; nextLink?: string | undefined }>, address: string): Promise<T[]> {
    const all: T[] = [];
    for (let next: string | undefined = address; next !== undefined; ) {
      const { body }: Answer<{ value: T[]; nextLink?: string | undefined }> = await this.read(view, next);
      all.push(...body.value);
      next = body.nextLink;
    }
    return all;
  }
}

/** At most a minute, or five where only sleeping devices are open. */
function expectRetryAfter(headers: Headers): void {
  const seconds = headers.get('retry-after') ?? '';
  expect(seconds).toMatch(/^\d+$/);
  expect(Number(seconds)).toBeGreaterThanOrEqual(1);
  expect(Number(seconds)).toBeLessThanOrEqual(300);
}
