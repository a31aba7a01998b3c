import { z } from 'zod';
import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { API_ERRORS, type ApiErrorCode, ErrorEnvelope } from './errors.ts';
import { LIST_QUERY, MOST_PER_PAGE } from './list-query.ts';

/** Pieces that the descriptions of many calls share. */

export const CollectionIdPath = z.object({
  collectionId: z.string().meta({ description: "The collection's id" }),
});

/** How much of a collection one answer shows, and where it goes on. */
export const PageQuery = z.object({
  top: z.int().min(1).max(MOST_PER_PAGE).optional().meta({ description: 'Most elements in one answer, usually 100' }),
  continuationToken: LIST_QUERY.continuationToken,
});

export function json(description: string, schema: z.ZodType, headers?: z.ZodObject): ZodOpenApiResponseObject {
  return { description, content: { 'application/json': { schema } }, ...(headers ? { headers } : {}) };
}

/** The errors of a call, by status; those that any call may meet are added. */
export function errors(...codes: readonly ApiErrorCode[]): Record<string, ZodOpenApiResponseObject> {
  const all: readonly ApiErrorCode[] = [...codes, 'Unauthorized', 'Forbidden', 'InternalError', 'StorageUnavailable'];
  const statuses = [...new Set(all.map((code) => API_ERRORS[code].http))];
  return Object.fromEntries(
    statuses.map((status) => {
      const here = all.filter((code) => API_ERRORS[code].http === status);
      return [
        String(status),
        json(here.map((code) => `${code}: ${API_ERRORS[code].message}`).join(' '), ErrorEnvelope),
      ];
    }),
  );
}

const RetryAfter = z.int().positive().meta({ description: 'Seconds until the next look is worth while' });
const Location = z.string().meta({ description: 'Absolute address of the operation, with its token', format: 'uri' });

/** Headers of an answer that begins something long. */
export const AcceptedHeaders = z.object({
  Location,
  'Operation-Location': Location.optional(),
  'Retry-After': RetryAfter,
});
