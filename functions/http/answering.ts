import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';

import type { Holdfast } from '../../shared/compose.ts';
import { type ApiError, apiError, httpStatusOf, invalidRequest } from '../../shared/contracts/errors.ts';
import { ForeignContinuation } from '../../shared/domain/foreign-continuation.ts';
import { runtime, runtimeAsItIs } from '../runtime.ts';
import { Refusal } from './refusal.ts';
import { isStorageFault } from './storage-fault.ts';

/** Evidence and status are nobody's cache's business, and nothing here is ever to be interpreted. */
const ALWAYS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** A handler that only parses, calls one use case and answers; what goes wrong becomes the error envelope here. */
export function answering(
  handle: (request: HttpRequest, holdfast: Holdfast) => Promise<HttpResponseInit>,
): HttpHandler {
  return async (request) => {
    try {
      const answer = await handle(request, await runtime());
      return { ...answer, headers: { ...ALWAYS, ...answer.headers } };
    } catch (error) {
      return refused(error);
    }
  };
}

const FOREIGN = {
  code: 'InvalidValue',
  target: 'continuationToken',
  message: 'Follow the nextLink of the page before as it was given, or leave continuationToken out to begin anew.',
} as const;

function refused(error: unknown): HttpResponseInit {
  if (error instanceof Refusal) return failure(error.error, error.headers);
  if (error instanceof ForeignContinuation) return failure(invalidRequest([FOREIGN]), {});
  runtimeAsItIs().deps.log.error('http.failed', { error: error instanceof Error ? error.stack : String(error) });
  return failure(apiError(isStorageFault(error) ? 'StorageUnavailable' : 'InternalError'), { 'Retry-After': '10' });
}

function failure(error: ApiError, headers: Record<string, string>): HttpResponseInit {
  return { status: httpStatusOf(error.code), headers: { ...ALWAYS, ...headers }, jsonBody: { error } };
}
