import { app } from '@azure/functions';
import { parseRequestIdQuery } from '../shared/contracts/list-query.ts';
import { scopeOf } from '../shared/use-cases/accept-collection.ts';
import { idForRequest } from '../shared/use-cases/digest.ts';
import { answering } from './http/answering.ts';
import { cancelled } from './http/cancelling.ts';
import { callerWith, guarded } from './http/door.ts';
import { Refusal } from './http/refusal.ts';

/** An unsubscribe that has only the id that the caller itself chose; it may come without our answer ever having arrived. */
export const handler = answering(async (request, holdfast) => {
  const by = await callerWith('Collections.Cancel', holdfast, request);
  const requestId = parseRequestIdQuery(request.query);
  if (!requestId.ok) throw new Refusal(requestId.error);
  const collectionId = idForRequest(holdfast.deps.settings.tenantId, scopeOf(by), requestId.value);
  return cancelled(holdfast, request, collectionId, { by });
});

app.http('delete-collection-by-request', { ...guarded, methods: ['DELETE'], route: 'collections', handler });
