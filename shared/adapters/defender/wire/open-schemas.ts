import { z } from 'zod';

/**
 * Open over Defender's words: a field that is missing, null or of another type than documented reads as absent, so that
 * one odd entry never sinks a page of results.
 */

const absent = (): undefined => undefined;

/** A text with something in it. */
export const text = z.string().trim().min(1).optional().catch(absent);

/** An id of Defender's, fit for an address and a table key: a GUID or 40 hex digits in every sample seen. */
export const id = z
  .string()
  .trim()
  .regex(/^[\w.-]{1,128}$/)
  .refine((written) => !(written in Object.prototype));

/** A status, a name: longer than any that is known, and it is not one. */
export const word = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .refine((written) => written.isWellFormed())
  .optional()
  .catch(absent);

export const list = z.array(z.unknown()).catch(() => []);

/** A whole number from 0, also written as text. */
export const count = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ])
  .pipe(z.number().int().nonnegative())
  .optional()
  .catch(absent);

/** Read by a reader of its own. */
export const anything = z.unknown().optional();
