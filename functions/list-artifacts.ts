import { app } from '@azure/functions';
import { listArtifacts } from '../shared/use-cases/read-evidence.ts';
import { answering } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { pageAnswer, readPage } from './http/page.ts';
import { orNotFound } from './http/removed.ts';

/** Tasks whose artifacts one answer holds. */
const TASKS_PER_PAGE = 100;

export const handler = answering(async (request, holdfast) => {
  await callerWith('Collections.Read', holdfast, request);
  const { collectionId = '' } = request.params;
  const page = readPage(request, TASKS_PER_PAGE);
  const found = await listArtifacts(holdfast.deps, collectionId, page);
  return pageAnswer(holdfast, request, await orNotFound(holdfast, collectionId, found));
});

app.http('list-artifacts', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}/artifacts', handler });
