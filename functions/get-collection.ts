import { app } from '@azure/functions';
import { readCollection } from '../shared/use-cases/read-collection.ts';
import { answering, orRefuse } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { tasksLink } from './http/links.ts';

export const handler = answering(async (request, holdfast) => {
  await callerWith('Collections.Read', holdfast, request);
  const collectionId = request.params.collectionId ?? '';
  const found = orRefuse(await readCollection(holdfast.deps, collectionId), 'CollectionNotFound');
  const { view, continuation } = found;
  if (continuation === undefined) return { jsonBody: view };
  return { jsonBody: { ...view, tasksNextLink: tasksLink(holdfast, request, collectionId, continuation) } };
});

app.http('get-collection', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}', handler });
