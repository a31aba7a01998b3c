import type { Holdfast } from '../../shared/compose.ts';
import { type ApiError, apiError } from '../../shared/contracts/errors.ts';
import type { RemovedCollection } from '../../shared/domain/retention.ts';
import { readRemoved, tellRemoved } from '../../shared/use-cases/removed-collection.ts';
import { Refusal } from './refusal.ts';

type NotFound = 'CollectionNotFound' | 'OperationNotFound';

/** A 404, which tells of a collection whose state is not kept any more what became of it. */
export async function notFound(
  { deps }: Holdfast,
  collectionId: string,
  code: NotFound = 'CollectionNotFound',
): Promise<never> {
  const removed = await readRemoved(deps, collectionId);
  throw new Refusal(apiError(code, removed ? { message: tellRemoved(removed) } : {}));
}

/** The value; without one `notFound`. */
export const orNotFound = async <T>(
  holdfast: Holdfast,
  collectionId: string,
  value: T | undefined,
  code?: NotFound,
): Promise<T> => (value === undefined ? notFound(holdfast, collectionId, code) : value);

/** @param removed what the requestId was used for, when its state is not kept any more */
export function requestIdReused(removed: RemovedCollection | undefined): ApiError {
  const target = 'requestId';
  if (!removed) return apiError('RequestIdReused', { target });
  const message = `This requestId was used before. ${tellRemoved(removed)} Use a new requestId for a new request.`;
  return apiError('RequestIdReused', { target, message });
}
