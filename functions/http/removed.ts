import type { Holdfast } from '../../shared/compose.ts';
import { type ApiError, apiError } from '../../shared/contracts/errors.ts';
import type { RemovedCollection } from '../../shared/domain/retention.ts';
import { readRemoved, tellRemoved } from '../../shared/use-cases/removed-collection.ts';
import { Refusal } from './refusal.ts';

type NotFound = 'CollectionNotFound' | 'OperationNotFound';

/** The value; without one a 404, which tells of a collection whose state is not kept any more what became of it. */
export async function orNotFound<T>(
  { deps }: Holdfast,
  collectionId: string,
  value: T | undefined,
  code: NotFound = 'CollectionNotFound',
): Promise<T> {
  if (value !== undefined) return value;
  const removed = await readRemoved(deps, collectionId);
  throw new Refusal(apiError(code, removed ? { message: tellRemoved(removed) } : {}));
}

/** @param removed what the requestId was used for, when its state is not kept any more */
export function requestIdReused(removed: RemovedCollection | undefined): ApiError {
  const target = 'requestId';
  if (!removed) return apiError('RequestIdReused', { target });
  const message = `This requestId was used before. ${tellRemoved(removed)} Use a new requestId for a new request.`;
  return apiError('RequestIdReused', { target, message });
}
