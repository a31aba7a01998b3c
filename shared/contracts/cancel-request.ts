import { invalidRequest } from './errors.ts';
import { Comment } from './field-schemas.ts';
import type { Parsed } from './parsed.ts';
import { fault, fields, isJsonObject, kindOf, read } from './reading.ts';

export const CancelBody = fields({ comment: Comment.optional() }).meta({
  id: 'CancelRequest',
  description: 'Why the collection is no longer wanted',
});

export interface CancelRequest {
  readonly comment?: string;
}

/**
 * Reads the body of a cancel, with every fault.
 * @param body parsed JSON, undefined where there is none: a webhook's unsubscribe often sends nothing
 */
export function parseCancelBody(body: unknown): Parsed<CancelRequest> {
  if (body === undefined) return { ok: true, value: {} };
  if (!isJsonObject(body)) {
    const notAnObject = fault('InvalidType', [], `Give a JSON object, not ${kindOf(body)}.`);
    return { ok: false, error: invalidRequest([notAnObject]) };
  }
  const parsed = read(CancelBody, body, []);
  if (!parsed.ok) return { ok: false, error: invalidRequest(parsed.faults) };
  const { comment } = parsed.value;
  return { ok: true, value: comment === undefined ? {} : { comment } };
}
