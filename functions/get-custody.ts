import { app } from '@azure/functions';
import { readCustody } from '../shared/use-cases/read-evidence.ts';
import { answering } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { pageAnswer, readPage } from './http/page.ts';
import { orNotFound } from './http/removed.ts';

const EVENTS_PER_PAGE = 100;

export const handler = answering(async (request, holdfast) => {
  await callerWith('Evidence.Read', holdfast, request);
  const { collectionId = '' } = request.params;
  const page = readPage(request, EVENTS_PER_PAGE);
  const found = await readCustody(holdfast.deps, collectionId, page);
  return pageAnswer(holdfast, request, await orNotFound(holdfast, collectionId, found));
});

app.http('get-custody', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}/custody', handler });
