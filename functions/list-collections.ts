import { app } from '@azure/functions';
import { parseListQuery } from '../shared/contracts/list-query.ts';
import { listCollections } from '../shared/use-cases/list-collections.ts';
import { answering } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { pageAnswer } from './http/page.ts';
import { Refusal } from './http/refusal.ts';

export const handler = answering(async (request, holdfast) => {
  await callerWith('Collections.Read', holdfast, request);
  const query = parseListQuery(request.query);
  if (!query.ok) throw new Refusal(query.error);
  const { from, to, continuationToken, ...filter } = query.value;
  const found = await listCollections(holdfast.deps, {
    ...filter,
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
    ...(continuationToken === undefined ? {} : { continuation: continuationToken }),
  });
  return pageAnswer(holdfast, request, found);
});

app.http('list-collections', { ...guarded, methods: ['GET'], route: 'collections', handler });
