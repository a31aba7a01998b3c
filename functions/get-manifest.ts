import { app } from '@azure/functions';
import { apiError } from '../shared/contracts/errors.ts';
import { readManifest } from '../shared/use-cases/read-evidence.ts';
import { answering } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { Refusal } from './http/refusal.ts';

export const handler = answering(async (request, holdfast) => {
  await callerWith('Evidence.Read', holdfast, request);
  const answer = await readManifest(holdfast.deps, request.params.collectionId ?? '');
  if (answer.kind === 'noCollection') throw new Refusal(apiError('CollectionNotFound'));
  if (answer.kind === 'notEnded') throw new Refusal(apiError('CollectionNotEnded'));
  return { headers: { 'Content-Type': 'application/json' }, body: answer.text };
});

app.http('get-manifest', { ...guarded, methods: ['GET'], route: 'collections/{collectionId}/manifest', handler });
