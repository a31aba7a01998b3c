import type { Deps } from './deps.ts';

/**
 * Does the work for each, one after another. One that fails, because of a row that cannot be read, say, is logged and
 * left for the next tick: it must not hold up its neighbours.
 * @param named what the log calls one of them
 */
export async function eachAlone<T>(
  deps: Pick<Deps, 'log'>,
  event: string,
  all: readonly T[],
  work: (one: T) => Promise<unknown>,
  named: (one: T) => Record<string, unknown>,
): Promise<void> {
  for (const one of all)
    await work(one).catch((error: unknown) => deps.log.error(event, { ...named(one), error: String(error) }));
}
