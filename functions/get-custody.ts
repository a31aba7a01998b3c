import { app } from '@azure/functions';
import { readCustody } from '../shared/use-cases/read-evidence.ts';
import { answering, orRefuse } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { nextLink } from './http/links.ts';
import { readPage } from './http/page.ts';

const EVENTS_PER_PAGE = 100;

export const handler = answering(async (request, holdfast) => {
  await callerWith('Evidence.Read', holdfast, request);
  const page = readPage(request, EVENTS_PER_PAGE);
  const found = await readCustody(holdfast.deps, request.params.collectionId ?? '', page);
  const { value, continuation } = orRefuse(found, 'CollectionNotFound');
  return {
    jsonBody: {
      value,
      ...(continuation === undefined ? {} : { nextLink: nextLink(holdfast, request, continuation) }),
    },
  };
});

app.http('get-custody', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}/custody', handler });
