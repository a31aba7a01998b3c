import { app } from '@azure/functions';
import { apiError } from '../shared/contracts/errors.ts';
import { toIso } from '../shared/domain/time.ts';
import { actorOf } from '../shared/use-cases/accept-collection.ts';
import { linkToArtifact } from '../shared/use-cases/read-evidence.ts';
import { answering } from './http/answering.ts';
import { callerWith, guarded } from './http/door.ts';
import { Refusal } from './http/refusal.ts';
import { notFound } from './http/removed.ts';

export const handler = answering(async (request, holdfast) => {
  const by = await callerWith('Evidence.Read', holdfast, request);
  const { collectionId = '', artifactId = '' } = request.params;
  const answer = await linkToArtifact(holdfast.deps, collectionId, artifactId, actorOf(by));
  if (answer.kind === 'noCollection') return notFound(holdfast, collectionId);
  if (answer.kind === 'noArtifact') throw new Refusal(apiError('ArtifactNotFound'));
  return { jsonBody: { url: answer.url, expiresAt: toIso(answer.expiresAt) } };
});

app.http('get-artifact-link', {
  ...guarded,
  methods: ['GET'],
  route: 'collections/{collectionId}/artifacts/{artifactId}/link',
  handler,
});
