import { app } from '@azure/functions';
import { apiError } from '../shared/contracts/errors.ts';
import { readManifest } from '../shared/use-cases/read-evidence.ts';
import { answering } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { Refusal } from './http/refusal.ts';
import { notFound } from './http/removed.ts';

export const handler = answering(async (request, holdfast) => {
  await callerWith('Evidence.Read', holdfast, request);
  const { collectionId = '' } = request.params;
  const answer = await readManifest(holdfast.deps, collectionId);
  if (answer.kind === 'noCollection') return notFound(holdfast, collectionId);
  if (answer.kind === 'notEnded') throw new Refusal(apiError('CollectionNotEnded'));
  return { headers: { 'Content-Type': 'application/json' }, body: answer.text };
});

app.http('get-manifest', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}/manifest', handler });
