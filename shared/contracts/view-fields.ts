import { z } from 'zod';

/** Fields that many answers share. In answers, what is always named but not known yet is null. */

export const instant = (description: string) => z.string().meta({ description, format: 'date-time' });
export const link = (description: string) => z.string().meta({ description, format: 'uri' });
export const sha256 = (description: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description });
export const bytes = (description: string) => z.int().nonnegative().meta({ description });
