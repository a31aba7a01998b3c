import { app } from '@azure/functions';
import { readCustody } from '../shared/use-cases/read-evidence.ts';
import { answering, orRefuse } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { pageAnswer, readPage } from './http/page.ts';

const EVENTS_PER_PAGE = 100;

export const handler = answering(async (request, holdfast) => {
  await callerWith('Evidence.Read', holdfast, request);
  const page = readPage(request, EVENTS_PER_PAGE);
  const found = await readCustody(holdfast.deps, request.params.collectionId ?? '', page);
  return pageAnswer(holdfast, request, orRefuse(found, 'CollectionNotFound'));
});

app.http('get-custody', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}/custody', handler });
