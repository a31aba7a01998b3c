import { app } from '@azure/functions';
import { answering } from './http/answering.ts';
import { cancelled } from './http/cancelling.ts';
import { callerWith, guarded } from './http/door.ts';

/** A cancel in the words of a webhook's unsubscribe. Deletes nothing: what was stored stays stored. */
export const handler = answering(async (request, holdfast) => {
  const by = await callerWith('Collections.Cancel', holdfast, request);
  return cancelled(holdfast, request, request.params.collectionId ?? '', { by });
});

app.http('delete-collection', { ...guarded, methods: ['DELETE'], route: 'collections/{collectionId}', handler });
