import { app } from '@azure/functions';
import { readCollection } from '../shared/use-cases/read-collection.ts';
import { answering, orRefuse } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { shownCollection } from './http/shown-collection.ts';

export const handler = answering(async (request, holdfast) => {
  await callerWith('Collections.Read', holdfast, request);
  const collectionId = request.params.collectionId ?? '';
  const found = orRefuse(await readCollection(holdfast.deps, collectionId), 'CollectionNotFound');
  return { jsonBody: shownCollection(holdfast, request, found) };
});

app.http('get-collection', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}', handler });
