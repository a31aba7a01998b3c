import { z } from 'zod';
import { hours, seconds } from '../../domain/time.ts';
import type { DefenderFault } from '../../ports.ts';
import { text } from './wire/open-schemas.ts';
import { plainText } from './wire/plain-text.ts';

/** An answer that is no success. */
export interface Refusal {
  httpStatus: number;
  headers: Headers;
  /** As it came; empty when there was none or it broke off. */
  body: string;
}

/** @see defender-docs, common-errors: branch on `code`, `message` may change */
const Envelope = z.object({ error: z.object({ code: text, message: text }) });

/**
 * What a refusal means for us. The five kinds that ask for different doings stay apart.
 * @param now epoch ms, to which a `Retry-After` date is compared
 */
export function faultOf({ httpStatus, headers, body }: Refusal, now: number): DefenderFault {
  const error = readEnvelope(body);
  const code = plainText(error?.code ?? '');
  const message = plainText(error?.message ?? '') || `Defender answered ${httpStatus}`;
  if (httpStatus === 429 || is(code, 'TooManyRequests')) {
    const retryAfterMs = readRetryAfter(headers, now) ?? readHint(message);
    return { kind: 'rateLimited', ...(retryAfterMs === undefined ? {} : { retryAfterMs }), message };
  }
  // 408 and redirects are no judgement on the call: the way to Defender is broken
  if (httpStatus < 400 || httpStatus >= 500 || httpStatus === 408) {
    const retryAfterMs = readRetryAfter(headers, now);
    return {
      kind: 'unavailable',
      httpStatus,
      message,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      reached: true,
    };
  }
  if (is(code, 'ActiveRequestAlreadyExists')) return { kind: 'machineBusy', message };
  if (httpStatus === 404) return { kind: 'notFound', code: code || 'NotFound', message };
  return { kind: 'refused', httpStatus, code: code || `Http${httpStatus}`, message };
}

const is = (code: string, expected: string): boolean => code.toLowerCase() === expected.toLowerCase();

function readEnvelope(body: string): z.infer<typeof Envelope>['error'] | undefined {
  try {
    return Envelope.safeParse(JSON.parse(body)).data?.error;
  } catch {
    return undefined; // a gateway's own page, or nothing
  }
}

/** No window of Defender's is longer: who obeyed a wait of years would stand still for good. */
const LONGEST_WAIT_MS = hours(1);

/** `Retry-After` in seconds or as an HTTP date. @returns ms from now, an hour at most; nothing when absent or unreadable */
function readRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,7}(\.\d+)?$/.test(value)) return atMost(Math.ceil(seconds(Number(value))));
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : atMost(Math.max(0, at - now));
}

/** Some 429 say only in words when to come back: "... try again in 37 seconds". */
function readHint(message: string): number | undefined {
  const match = /\bin (\d{1,5}) seconds?\b/i.exec(message);
  return match === null ? undefined : atMost(seconds(Number(match[1])));
}

const atMost = (ms: number): number => Math.min(ms, LONGEST_WAIT_MS);

/** Errors with which no byte of the request can have left this machine. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** What the network did to a call. Messages name the error's code alone, because causes may hold addresses. */
export function networkFault(error: unknown, timeoutMs: number): DefenderFault {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { kind: 'unavailable', message: `no answer within ${timeoutMs / 1_000} s`, reached: true };
  }
  const code = codeOf(error);
  return { kind: 'unavailable', message: `connection failed (${code})`, reached: !NEVER_SENT.has(code) };
}

/** The code of the innermost cause: `fetch failed` says nothing itself. */
function codeOf(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return error instanceof Error ? error.name : 'unknown';
}
