import { app } from '@azure/functions';
import { readCapacity } from '../shared/use-cases/read-capacity.ts';
import { answering } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';

export const handler = answering(async (request, holdfast) => {
  await callerWith('Operations.Read', holdfast, request);
  return { jsonBody: await readCapacity(holdfast.deps) };
});

app.http('get-capacity', { ...guarded, methods: ['GET'], route: 'capacity', handler });
