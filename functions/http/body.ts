import type { HttpRequest } from '@azure/functions';
import { apiError, invalidRequest } from '../../shared/contracts/errors.ts';
import { Refusal } from './refusal.ts';

/** Largest body that is read, in bytes (api.md). */
const MOST_BYTES = 256 * 1024;

/** The body as JSON; `undefined` when there is none. @throws Refusal 413, or 400 when it is not JSON */
export async function readJson(request: HttpRequest): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES) throw new Refusal(apiError('BodyTooLarge'));
  const text = await request.text();
  if (Buffer.byteLength(text) > MOST_BYTES) throw new Refusal(apiError('BodyTooLarge'));
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new Refusal(
      invalidRequest([{ code: 'InvalidType', target: 'body', message: 'The body is not valid JSON.' }]),
    );
  }
}
