import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Holdfast } from '../../shared/compose.ts';
import { invalidRequest } from '../../shared/contracts/errors.ts';
import { nextLink } from './links.ts';
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

/** One page, with the absolute link to the next if there is one. */
export function pageAnswer<T>(
  holdfast: Holdfast,
  request: HttpRequest,
  { value, continuation }: { value: T[]; continuation?: string },
): HttpResponseInit {
  const more = continuation === undefined ? {} : { nextLink: nextLink(holdfast, request, continuation) };
  return { jsonBody: { value, ...more } };
}
