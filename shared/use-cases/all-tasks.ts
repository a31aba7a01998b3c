import type { Task } from '../domain/task.ts';
import type { Deps } from './deps.ts';
import { everyPage, pageFrom } from './every-page.ts';

/** Every task of a collection, in order of taskId; at most 1000. */
export const allTasks = (deps: Pick<Deps, 'collections'>, collectionId: string): Promise<Task[]> =>
  everyPage((continuation) => deps.collections.tasks(collectionId, pageFrom(500, continuation)));
