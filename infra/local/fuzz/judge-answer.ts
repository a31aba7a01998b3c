import { z } from 'zod';
import { ErrorEnvelope } from '../../../shared/contracts/errors.ts';
import type { OddRequest } from './odd-requests.ts';

/** An answer as it came, over the wire or straight from a function; names of headers in lower case. */
export interface JudgedAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

const Details = z
  .array(z.object({ code: z.string().min(1), target: z.string().min(1), message: z.string().min(1) }))
  .min(1);

/**
 * What is wrong with the answer to a malformed request: a 5xx, a 4xx that does not say what to put right, or a good answer
 * without what it owes.
 */
export function wrongWith({ method, path }: OddRequest, { status, headers, text }: JudgedAnswer): string | undefined {
  if (status >= 500) return `${status}`;
  if (!reachedFunction(headers) || method === 'HEAD') return status < 400 ? undefined : hostRefusal(status);
  if (status < 400) return lacking(method, path, status, headers);
  const parsed = ErrorEnvelope.safeParse(json(text));
  if (!parsed.success) return `${status} without an error envelope: ${text.slice(0, 200)}`;
  const { code, message, details } = parsed.data.error;
  if (message.length < 10) return `${code} without a sentence`;
  if (code === 'InvalidRequest' && !Details.safeParse(details).success)
    return `${code} without details that name a target`;
  return undefined;
}

/** Every answer of a function forbids caching; the Functions host's own refusals do not. */
const reachedFunction = (headers: JudgedAnswer['headers']): boolean => headers['cache-control'] === 'no-store';

const hostRefusal = (status: number): string | undefined =>
  [400, 404, 405, 413, 431].includes(status) ? undefined : `the host refused with ${status}`;

function lacking(method: string, path: string, status: number, headers: JudgedAnswer['headers']): string | undefined {
  const accepts = method === 'POST' && /^\/api\/collections(\?|$)/.test(path);
  if (accepts && (status !== 202 || !headers.location || !headers['retry-after'])) return `${status} without Location`;
  return undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
