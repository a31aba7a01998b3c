import { app, type HttpRequest } from '@azure/functions';
import type { Holdfast } from '../shared/compose.ts';
import { apiError } from '../shared/contracts/errors.ts';
import { isOperationToken } from '../shared/use-cases/operation-token.ts';
import { readCollection } from '../shared/use-cases/read-collection.ts';
import { endedOperation, openOperation } from '../shared/use-cases/views/collection-view.ts';
import { answering } from './http/answering.ts';
import { callerWith } from './http/door.ts';
import { operationHeaders } from './http/operation-headers.ts';
import { Refusal } from './http/refusal.ts';
import { orNotFound } from './http/removed.ts';
import { shownCollection } from './http/shown-collection.ts';

/** Where `Location` leads: 202 while open, 200 at the end, failure included, as Logic Apps' asynchronous pattern wants. */
export const handler = answering(async (request, holdfast) => {
  const collectionId = request.params.collectionId ?? '';
  await mayFollow(holdfast, request, collectionId);
  const read = await readCollection(holdfast.deps, collectionId);
  const found = await orNotFound(holdfast, collectionId, read, 'OperationNotFound');
  const { collection } = found;
  if (!collection.ended) {
    const headers = await operationHeaders(holdfast, request, found);
    return { status: 202, headers, jsonBody: openOperation(collection) };
  }
  return { jsonBody: endedOperation(collection, shownCollection(holdfast, request, found)) };
});

/** The token of `Location`, or in `entra` mode the right to read. @throws Refusal 404, so that ids cannot be probed */
async function mayFollow(holdfast: Holdfast, request: HttpRequest, collectionId: string): Promise<void> {
  const token = request.query.get('op');
  if (token !== null && (await isOperationToken(holdfast.deps.secrets, collectionId, token))) return;
  if (!holdfast.checkCaller || !request.headers.get('authorization')) throw new Refusal(apiError('OperationNotFound'));
  await callerWith('Collections.Read', holdfast, request);
}

app.http('get-operation', { methods: ['GET'], authLevel: 'anonymous', route: 'operations/{collectionId}', handler });
