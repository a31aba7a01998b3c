import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

/** A playbook that knows Holdfast's addresses and repeats what was not answered, as its documentation says. */
export interface Caller {
  /** Repeats the request until it is accepted. @returns the collection's id */
  ask(request: Record<string, unknown>): Promise<string>;
  cancel(collectionId: string): Promise<void>;
  /** Any GET below `/api`, repeated until it is answered. */
  read<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** How many calls were repeated, for want of an answer or because the answer was a 5xx. */
  repeated(): number;
  /** All pages of a list. */
  readAll<T>(path: string, schema: z.ZodType<T>): Promise<T[]>;
}

const ANSWER_MS = 15_000;
const AGAIN_MS = 700;
const Accepted = z.object({ collectionId: z.string() });

/** @param urls of the hosts, each ending in `/api`; they are asked in turn */
export function createCaller(urls: readonly string[]): Caller {
  let turn = 0;
  let repeated = 0;
  const untilAnswered = async (path: string, init: RequestInit): Promise<{ status: number; text: string }> => {
    for (;;) {
      turn += 1;
      const url = `${urls[turn % urls.length]}${path}`;
      try {
        const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
        const text = await answer.text();
        if (answer.status < 500 && answer.status !== 429) return { status: answer.status, text };
      } catch {
        // nobody there, or gone in the middle: the next one
      }
      repeated += 1;
      await pause(AGAIN_MS);
    }
  };
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const headers = { 'Content-Type': 'application/json' };
    const { status, text } = await untilAnswered(path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (status >= 300) throw new Error(`POST ${path} got ${status}: ${text}`);
    return JSON.parse(text);
  };
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const { status, text } = await untilAnswered(path, {});
    if (status >= 300) throw new Error(`GET ${path} got ${status}: ${text}`);
    return schema.parse(JSON.parse(text));
  };
  return {
    ask: async (request) => Accepted.parse(await post('/collections', request)).collectionId,
    cancel: async (collectionId) => void (await post(`/collections/${collectionId}/cancel`, { comment: 'chaos' })),
    read,
    repeated: () => repeated,
    readAll: async (path, schema) => {
      const page = z.object({ value: z.array(schema), nextLink: z.string().optional() });
      const all = [];
      for (let next: string | undefined = path; next !== undefined; ) {
        const { value, nextLink }: z.output<typeof page> = await read(next, page);
        all.push(...value);
        next = nextLink?.slice(nextLink.indexOf('/api/') + '/api'.length);
      }
      return all;
    },
  };
}
