import { z } from 'zod';

/**
 * Open over Defender's words: a field that is missing, null or of another type than documented reads as absent, so that
 * one odd entry never sinks a page of results.
 */

const absent = (): undefined => undefined;

/** A text with something in it. */
export const text = z.string().trim().min(1).optional().catch(absent);

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
