import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Holdfast } from '../../shared/compose.ts';
import type { RequestedBy } from '../../shared/domain/collection.ts';
import { readCollection } from '../../shared/use-cases/read-collection.ts';
import { cancelCollection } from '../../shared/use-cases/stop-collection.ts';
import { operationHeaders } from './operation-headers.ts';
import { orNotFound } from './removed.ts';
import { shownCollection } from './shown-collection.ts';

/** Cancels, and answers like the request itself: where to see the end. The same again, and after the end. */
export async function cancelled(
  holdfast: Holdfast,
  request: HttpRequest,
  collectionId: string,
  wish: { comment?: string; by: RequestedBy },
): Promise<HttpResponseInit> {
  await orNotFound(holdfast, collectionId, await cancelCollection(holdfast.deps, collectionId, wish));
  const found = await orNotFound(holdfast, collectionId, await readCollection(holdfast.deps, collectionId));
  const headers = await operationHeaders(holdfast, request, found);
  return { status: 202, headers, jsonBody: shownCollection(holdfast, request, found) };
}
