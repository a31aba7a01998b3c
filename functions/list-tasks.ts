import { app } from '@azure/functions';
import { readTasks, TASKS_SHOWN } from '../shared/use-cases/read-collection.ts';
import { answering } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { pageAnswer, readPage } from './http/page.ts';
import { orNotFound } from './http/removed.ts';

/** Where `tasksNextLink` leads. */
export const handler = answering(async (request, holdfast) => {
  await callerWith('Collections.Read', holdfast, request);
  const { collectionId = '' } = request.params;
  const page = readPage(request, TASKS_SHOWN);
  const found = await readTasks(holdfast.deps, collectionId, page);
  return pageAnswer(holdfast, request, await orNotFound(holdfast, collectionId, found));
});

app.http('list-tasks', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}/tasks', handler });
