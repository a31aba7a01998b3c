import { app } from '@azure/functions';
import { readTasks, TASKS_SHOWN } from '../shared/use-cases/read-collection.ts';
import { answering, orRefuse } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { nextLink } from './http/links.ts';
import { readPage } from './http/page.ts';

/** Where `tasksNextLink` leads. */
export const handler = answering(async (request, holdfast) => {
  await callerWith('Collections.Read', holdfast, request);
  const page = readPage(request, TASKS_SHOWN);
  const found = await readTasks(holdfast.deps, request.params.collectionId ?? '', page);
  const { tasks, continuation } = orRefuse(found, 'CollectionNotFound');
  return {
    jsonBody: {
      value: tasks,
      ...(continuation === undefined ? {} : { nextLink: nextLink(holdfast, request, continuation) }),
    },
  };
});

app.http('list-tasks', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}/tasks', handler });
