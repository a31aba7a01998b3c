import { app } from '@azure/functions';
import { parseCancelBody } from '../shared/contracts/cancel-request.ts';
import { answering } from './http/answering.ts';
import { readJson } from './http/body.ts';
import { cancelled } from './http/cancelling.ts';
import { callerWith, guarded } from './http/door.ts';
import { Refusal } from './http/refusal.ts';

export const handler = answering(async (request, holdfast) => {
  const by = await callerWith('Collections.Cancel', holdfast, request);
  const body = parseCancelBody(await readJson(request));
  if (!body.ok) throw new Refusal(body.error);
  return cancelled(holdfast, request, request.params.collectionId ?? '', { ...body.value, by });
});

app.http('cancel-collection', { ...guarded, methods: ['POST'], route: 'collections/{collectionId}/cancel', handler });
