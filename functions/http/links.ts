import type { HttpRequest } from '@azure/functions';
import type { Holdfast } from '../../shared/compose.ts';
import { operationToken } from '../../shared/use-cases/operation-token.ts';

/** What absolute links begin with: the setting, or scheme and host of the request. */
export function baseUrl({ config }: Holdfast, request: HttpRequest): string {
  return `${config.publicBaseUrl ?? new URL(request.url).origin}/api`;
}

/** The address whose `op` token alone lets its holder follow this one operation. */
export async function operationLocation(
  holdfast: Holdfast,
  request: HttpRequest,
  collectionId: string,
): Promise<string> {
  const token = await operationToken(holdfast.deps.secrets, collectionId);
  return `${baseUrl(holdfast, request)}/operations/${collectionId}?op=${token}`;
}

/** This request's own address with another continuation, and without a function key. */
export function nextLink(holdfast: Holdfast, request: HttpRequest, continuation: string): string {
  const here = new URL(request.url);
  const link = new URL(`${baseUrl(holdfast, request)}${here.pathname.replace(/^\/api/i, '')}`);
  for (const [name, value] of here.searchParams) if (name !== 'code') link.searchParams.append(name, value);
  link.searchParams.set('continuationToken', continuation);
  return link.toString();
}

export function tasksLink(
  holdfast: Holdfast,
  request: HttpRequest,
  collectionId: string,
  continuation: string,
): string {
  const link = new URL(`${baseUrl(holdfast, request)}/collections/${collectionId}/tasks`);
  link.searchParams.set('continuationToken', continuation);
  return link.toString();
}
