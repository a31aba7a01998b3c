import { type Lesson, type Lessons, NO_LESSONS, withLessons } from '../domain/schedule/lessons.ts';
import type { Deps } from './deps.ts';

const REGISTER = 'lessons';

export async function readLessons(deps: Deps): Promise<Lessons> {
  const row = await deps.registers.read<Lessons>(deps.settings.tenantId, REGISTER);
  return { ...NO_LESSONS, ...row?.value };
}

/**
 * Lessons lost to another writer, or to a crash, come again with the next action.
 *
 * @returns all that are known then
 */
export async function keepLessons(deps: Deps, learned: readonly Lesson[]): Promise<Lessons> {
  const row = await deps.registers.read<Lessons>(deps.settings.tenantId, REGISTER);
  const known = { ...NO_LESSONS, ...row?.value };
  if (learned.length === 0) return known;
  const next = withLessons(known, learned);
  await deps.registers.write(deps.settings.tenantId, REGISTER, next, row?.etag);
  return next;
}
