import type { HttpRequest } from '@azure/functions';
import type { Holdfast } from '../../shared/compose.ts';
import type { Collection } from '../../shared/domain/collection.ts';
import { retryAfterSeconds } from '../../shared/domain/retry-after.ts';
import type { Task } from '../../shared/domain/task.ts';
import type { EpochMs } from '../../shared/domain/time.ts';
import { operationLocation } from './links.ts';

/** A collection, and as much as is known of its tasks. */
interface Followed {
  collection: Collection;
  tasks?: readonly Task[];
  /** When the first task that waits may start. */
  firstStartAt?: EpochMs | undefined;
}

/** What makes a caller's own asynchronous pattern follow the operation. */
export async function operationHeaders(
  holdfast: Holdfast,
  request: HttpRequest,
  { collection, tasks = [], firstStartAt }: Followed,
): Promise<Record<string, string>> {
  const location = await operationLocation(holdfast, request, collection.collectionId);
  return {
    Location: location,
    'Operation-Location': location,
    'Retry-After': String(retryAfterSeconds(collection, tasks, holdfast.deps.clock.now(), firstStartAt)),
  };
}
