import { app } from '@azure/functions';
import { parseCollectionRequest } from '../shared/contracts/collection-request.ts';
import { apiError } from '../shared/contracts/errors.ts';
import { type Accepted, acceptCollection, findRepetition } from '../shared/use-cases/accept-collection.ts';
import { readAccepted, readCollection } from '../shared/use-cases/read-collection.ts';
import { answering } from './http/answering.ts';
import { readJson } from './http/body.ts';
import { callerWith, guarded } from './http/door.ts';
import { firstStart } from './http/first-start.ts';
import { operationHeaders } from './http/operation-headers.ts';
import { Refusal } from './http/refusal.ts';
import { requestIdReused } from './http/removed.ts';
import { shownCollection } from './http/shown-collection.ts';
import { requestRules } from './request-rules.ts';

export const handler = answering(async (request, holdfast) => {
  const { deps } = holdfast;
  const requestedBy = await callerWith('Collections.Submit', holdfast, request);
  const headerRequestId = request.headers.get('idempotency-key') ?? undefined;
  const rules = requestRules(holdfast, { headerRequestId });
  const parsed = parseCollectionRequest(await readJson(request), rules);
  let accepted: Accepted | undefined;
  if (parsed.ok) accepted = await acceptCollection(deps, { ...parsed, requestedBy, receivedAt: rules.now });
  else if (parsed.asRepetition) accepted = await findRepetition(deps, { ...parsed.asRepetition, requestedBy });
  if (!accepted) throw new Refusal(parsed.ok ? apiError('InternalError') : parsed.error);
  if (accepted.kind === 'reused') throw new Refusal(requestIdReused(accepted.removed));
  const { collection } = accepted;
  const found = collection.expandedTargets > 0 ? await readCollection(deps, collection.collectionId) : undefined;
  const followed = found ?? { collection, firstStartAt: await firstStart(deps, collection.priority) };
  return {
    status: 202,
    headers: await operationHeaders(holdfast, request, followed),
    jsonBody: shownCollection(holdfast, request, found ?? readAccepted(collection, accepted.request)),
  };
});

app.http('submit-collection', { ...guarded, methods: ['POST'], route: 'collections', handler });
