import { app } from '@azure/functions';
import { readCollection } from '../shared/use-cases/read-collection.ts';
import { answering } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { orNotFound } from './http/removed.ts';
import { shownCollection } from './http/shown-collection.ts';

export const handler = answering(async (request, holdfast) => {
  await callerWith('Collections.Read', holdfast, request);
  const collectionId = request.params.collectionId ?? '';
  const found = await orNotFound(holdfast, collectionId, await readCollection(holdfast.deps, collectionId));
  return { jsonBody: shownCollection(holdfast, request, found) };
});

app.http('get-collection', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}', handler });
