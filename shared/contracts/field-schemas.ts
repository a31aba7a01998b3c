import { z } from 'zod';
import { REQUEST_LIMITS } from '../domain/request/collection-request.ts';
import { readInstant } from '../domain/request/instant.ts';
import { dnsNameFault, lengthFault, lineFault, proseFault } from '../domain/request/text-rules.ts';

/** A text with a rule of the domain: the rule's sentence becomes the fault's message. */
export function ruled(rule: (text: string) => string | undefined): z.ZodString {
  return z.string().superRefine((text, ctx) => {
    const message = rule(text);
    if (message !== undefined) ctx.addIssue({ code: 'custom', message });
  });
}

export const LONGEST_COMMENT = 1000;
export const LONGEST_TAG = 200;

export const Instant = z
  .string()
  .transform((text, ctx) => {
    const instant = readInstant(text);
    if (instant !== undefined) return instant;
    ctx.addIssue({
      code: 'custom',
      message: 'Give an ISO 8601 instant with its zone, such as 2026-11-24T10:00:00Z or 2026-11-24T11:00:00+01:00.',
    });
    return z.NEVER;
  })
  .meta({
    description: 'An instant, ISO 8601 with Z or an offset; kept as UTC',
    override: { type: 'string', format: 'date-time' },
  });

export const RequestId = ruled((text) => lengthFault(text, REQUEST_LIMITS.requestIdCharacters)).meta({
  description: 'Makes the request safe to repeat: the same id and body again give the same collection',
  minLength: 1,
  maxLength: REQUEST_LIMITS.requestIdCharacters,
});

export const CaseId = ruled((text) => lineFault(text, REQUEST_LIMITS.caseIdCharacters)).meta({
  description: 'The case that the evidence belongs to; evidence is stored under it',
  example: 'INC-1234',
  minLength: 1,
  maxLength: REQUEST_LIMITS.caseIdCharacters,
});

export const Comment = ruled((text) => proseFault(text, LONGEST_COMMENT)).meta({
  description: 'Why: for the record, and for whoever looks at the action in Defender',
  maxLength: LONGEST_COMMENT,
});

export const MachineId = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{40}$/, "Give Defender's machine id: 40 hex digits.")
  .meta({ description: "Defender's id of a machine: 40 hex digits", override: { pattern: '^[0-9A-Fa-f]{40}$' } });

export const Guid = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'Give a GUID: 8-4-4-4-12 hex digits.')
  .meta({ override: { format: 'uuid', pattern: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' } });

export const DnsName = ruled(dnsNameFault).meta({
  description: "A device's full name, or a name without dots that matches a machine's first label whole",
  example: 'ws01.contoso.com',
});

export const MachineTag = ruled((text) => lineFault(text, LONGEST_TAG)).meta({
  description: 'Every active machine with exactly this tag',
  example: 'finance',
});
