import type { Task } from '../domain/task.ts';
import type { Deps } from './deps.ts';

/** Every task of a collection, in order of taskId; at most 1000. */
export async function allTasks(deps: Pick<Deps, 'collections'>, collectionId: string): Promise<Task[]> {
  const tasks: Task[] = [];
  let continuation: string | undefined;
  do {
    const page = await deps.collections.tasks(collectionId, {
      top: 500,
      ...(continuation === undefined ? {} : { continuation }),
    });
    tasks.push(...page.value);
    continuation = page.continuation;
  } while (continuation !== undefined);
  return tasks;
}
