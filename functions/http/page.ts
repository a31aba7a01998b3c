import type { HttpRequest } from '@azure/functions';
import { invalidRequest } from '../../shared/contracts/errors.ts';
import { Refusal } from './refusal.ts';

const MOST_PER_PAGE = 200;

/** `top` and `continuationToken` of a page within one collection. @throws Refusal 400 */
export function readPage(request: HttpRequest, defaultTop: number): { top: number; continuation?: string } {
  const top = request.query.get('top');
  const continuation = request.query.get('continuationToken');
  const wanted = top === null || top === '' ? defaultTop : Number(top);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST_PER_PAGE) {
    const message = `Give a whole number from 1 to ${MOST_PER_PAGE}.`;
    throw new Refusal(invalidRequest([{ code: 'OutOfRange', target: 'top', message }]));
  }
  return { top: wanted, ...(continuation ? { continuation } : {}) };
}
