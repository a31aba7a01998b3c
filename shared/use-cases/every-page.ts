import type { Page } from '../ports.ts';

/** Reads on until the last page. For what is bounded: the tasks of a collection, its custody record. */
export async function everyPage<T>(read: (continuation: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let continuation: string | undefined;
  do {
    const page = await read(continuation);
    all.push(...page.value);
    continuation = page.continuation;
  } while (continuation !== undefined);
  return all;
}

/** The page that a store is asked for. */
export const pageFrom = (top: number, continuation: string | undefined): { top: number; continuation?: string } =>
  continuation === undefined ? { top } : { top, continuation };
