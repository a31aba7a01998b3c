import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { ResultBody, ResultFault, ResultSource } from '../../ports.ts';
import { type LinkRule, linkAllowed } from './link-hosts.ts';

export interface ResultSourceOptions extends LinkRule {
  /** How long an answer may take to begin. */
  headersMs?: number;
  /** How long a body may be silent while we wait for it. */
  idleMs?: number;
}

const MAX_REDIRECTS = 5;

/** Shorter than the claim of whoever fetches lasts: a source that falls silent is asked again before another takes over. */
const SILENCE_MS = 20_000;

type Opened = Awaited<ReturnType<ResultSource['open']>>;
type OpenOptions = NonNullable<Parameters<ResultSource['open']>[1]>;

/**
 * Fetches results over HTTP. Not with `fetch`: that unpacks a body whose answer names a `Content-Encoding`, and a
 * result must be kept as it came. No cookies, no credentials, no proxy; a user name in a link is dropped.
 */
export function createResultSource(options: ResultSourceOptions): ResultSource {
  const limits = { headersMs: options.headersMs ?? SILENCE_MS, idleMs: options.idleMs ?? SILENCE_MS };
  return {
    async open(link, request = {}): Promise<Opened> {
      let url = URL.parse(link);
      if (!url) return unavailable('the link is not an address');
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
        if (!linkAllowed(url, options)) return { ok: false, fault: { kind: 'hostNotAllowed', host: url.host } };
        const answer = await ask(url, request, limits.headersMs);
        if ('ok' in answer) return answer;
        const location = redirectOf(answer);
        if (location === undefined) return read(answer, request, limits.idleMs);
        answer.destroy();
        url = URL.parse(location, url.href);
        if (!url) return unavailable('the source redirects to something that is no address');
      }
      return unavailable(`the source redirects more than ${MAX_REDIRECTS} times`);
    },
  };
}

/** The head of one answer, or why there is none. Messages name no address: links are secret. */
function ask(url: URL, { from = 0, ifMatch, signal }: OpenOptions, headersMs: number) {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage | { ok: false; fault: ResultFault }>();
  const headers: Record<string, string> = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Holdfast' };
  if (from > 0) headers.range = `bytes=${from}-`;
  if (ifMatch !== undefined) headers['if-match'] = ifMatch;
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  const request = get({
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: `${url.pathname}${url.search}`,
    headers,
    ...(signal ? { signal } : {}),
  });
  const timer = setTimeout(() => request.destroy(new Error(`no answer within ${headersMs / 1000} s`)), headersMs);
  request.once('response', (answer) => {
    clearTimeout(timer);
    resolve(answer);
  });
  // also after the response: a body that breaks is told by its reader
  request.on('error', (error) => {
    clearTimeout(timer);
    resolve(unavailable(wordsFor(error)));
  });
  return promise;
}

function redirectOf(answer: IncomingMessage): string | undefined {
  return [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) ? answer.headers.location : undefined;
}

function read(answer: IncomingMessage, { from = 0 }: OpenOptions, idleMs: number): Opened {
  const value = answer.statusCode === 206 ? partOf(answer, idleMs) : wholeOf(answer, idleMs);
  if (value) return { ok: true, value };
  answer.destroy();
  return { ok: false, fault: faultOf(answer.statusCode ?? 0, from) };
}

function wholeOf(answer: IncomingMessage, idleMs: number): ResultBody | undefined {
  if (answer.statusCode !== 200) return undefined;
  const length = answer.headers['content-length'];
  return {
    ...transferOf(answer, idleMs),
    offset: 0,
    acceptsRanges: /\bbytes\b/i.test(answer.headers['accept-ranges'] ?? ''),
    ...(length === undefined ? {} : { totalBytes: Number(length) }),
  };
}

function partOf(answer: IncomingMessage, idleMs: number): ResultBody | undefined {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '');
  if (!range) return undefined;
  return {
    ...transferOf(answer, idleMs),
    offset: Number(range[1]),
    acceptsRanges: true,
    ...(range[2] === '*' ? {} : { totalBytes: Number(range[2]) }),
  };
}

function transferOf(answer: IncomingMessage, idleMs: number): Pick<ResultBody, 'body' | 'etag' | 'close'> {
  const { etag } = answer.headers;
  return {
    body: bytesOf(answer, idleMs),
    close: () => {
      answer.destroy();
    },
    ...(etag === undefined || etag.startsWith('W/') ? {} : { etag }),
  };
}

/** Silence counts only while somebody waits for bytes: a reader that is slow to store them does no harm. */
async function* bytesOf(answer: IncomingMessage, idleMs: number): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = answer[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(() => answer.destroy(new Error(`no byte within ${idleMs / 1000} s`)), idleMs);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } finally {
    answer.destroy();
  }
}

function faultOf(httpStatus: number, from: number): ResultFault {
  switch (httpStatus) {
    case 401:
    case 403:
      return { kind: 'linkRefused' };
    case 404:
    case 410:
      return { kind: 'notFound' };
    case 412:
      return { kind: 'changed' };
    case 416:
      if (from > 0) return { kind: 'changed' };
      break;
    default:
      break;
  }
  return { kind: 'unavailable', httpStatus, message: `the source answered ${httpStatus}` };
}

const unavailable = (message: string): { ok: false; fault: ResultFault } => ({
  ok: false,
  fault: { kind: 'unavailable', message },
});

function wordsFor(error: Error & { code?: string }): string {
  return error.code === undefined ? error.message : `the connection failed: ${error.code}`;
}
