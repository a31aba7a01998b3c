import { z } from 'zod';
import type { Fault } from '../domain/request/fault.ts';

/** Errors that an answer can carry, with their HTTP status. How a task failed is another list: the failure catalogue. */
export const API_ERRORS = {
  InvalidRequest: {
    http: 400,
    message: 'The request cannot be accepted as it is. Put right what details names and send it again.',
  },
  Unauthorized: { http: 401, message: 'Send a valid bearer token for this Holdfast.' },
  Forbidden: { http: 403, message: 'The caller lacks the right that this call needs.' },
  CollectionNotFound: { http: 404, message: 'There is no such collection. Check the id.' },
  OperationNotFound: {
    http: 404,
    message:
      'There is no such operation, or the token in its address is missing or wrong. Use the Location as it was given.',
  },
  ArtifactNotFound: {
    http: 404,
    message: 'There is no such artifact in this collection. Take the id from the list of artifacts.',
  },
  RequestIdReused: {
    http: 409,
    message:
      'This requestId was used before with another body. Use a new one for a new request, or repeat the first body.',
  },
  CollectionNotEnded: {
    http: 409,
    message: 'The manifest is written when the collection ends. Wait for the operation to end and ask again.',
  },
  BodyTooLarge: { http: 413, message: 'The body is over 256 KiB. Split the request.' },
  InternalError: {
    http: 500,
    message: 'Holdfast met a fault of its own. Send the request again; with a requestId that is safe.',
  },
  StorageUnavailable: {
    http: 503,
    message: 'The state storage cannot be reached. Send the request again later; with a requestId that is safe.',
  },
} as const satisfies Record<string, { http: number; message: string }>;

export type ApiErrorCode = keyof typeof API_ERRORS;

/** The inside of the error envelope. */
export interface ApiError {
  readonly code: ApiErrorCode;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly Fault[];
}

const CODES = Object.keys(API_ERRORS) as [ApiErrorCode, ...ApiErrorCode[]];

export const ErrorEnvelope = z
  .object({
    error: z.object({
      code: z.enum(CODES).meta({ description: 'What kind of error: branch on this' }),
      message: z.string().meta({ description: 'What is wrong and what to do, for a person' }),
      target: z.string().optional().meta({ description: 'The field or right it is about' }),
      details: z
        .array(z.object({ code: z.string(), target: z.string(), message: z.string() }))
        .optional()
        .meta({ description: 'Every fault of the request, each with the path of its field' }),
    }),
  })
  .meta({ id: 'Error', description: 'Why a request was not served' });

export function httpStatusOf(code: ApiErrorCode): number {
  return API_ERRORS[code].http;
}

/** An error in the catalogue's words, or in better ones for this case. */
export function apiError(
  code: ApiErrorCode,
  more: { readonly message?: string; readonly target?: string } = {},
): ApiError {
  return { code, message: API_ERRORS[code].message, ...more };
}

/** Most faults that one answer lists: a body of faults must not be answered by a larger one. */
const MOST_DETAILS = 2500;

/** @param faults at least one. A single fault is told in the message itself, as some clients show nothing else. */
export function invalidRequest(faults: readonly Fault[]): ApiError {
  const details = faults.slice(0, MOST_DETAILS);
  const [only] = details;
  if (only && faults.length === 1)
    return { code: 'InvalidRequest', message: `${only.target}: ${only.message}`, target: only.target, details };
  return {
    code: 'InvalidRequest',
    message: `${faults.length} things are wrong with the request. Put right what details names and send it again.`,
    details,
  };
}
