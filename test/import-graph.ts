import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** One source file and what it asks for: files as paths from the root, packages by their names. */
export interface Source {
  file: string;
  text: string;
  imports: string[];
}

/** Imports of types count as well: who knows a type depends on it. */
const IMPORT =
  /^(?:import|export)\s+(?:[\w*{][^;'"()=]*?\s+from\s+)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/gm;

export function readSources(...folders: string[]): Source[] {
  return folders
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map((name) => join(folder, String(name))))
    .filter((file) => /\.m?ts$|\.mjs$/.test(file))
    .map((file) => file.split(sep).join('/'))
    .sort()
    .map((file) => sourceOf(file, readFileSync(join(ROOT, file), 'utf8')));
}

export function sourceOf(file: string, text: string): Source {
  const imports = [...text.matchAll(IMPORT)].map(([, of, called]) => resolve(file, of ?? called ?? ''));
  return { file, text, imports: [...new Set(imports)] };
}

function resolve(file: string, asked: string): string {
  return asked.startsWith('.') ? posix.join(dirname(file), asked) : packageOf(asked);
}

function packageOf(asked: string): string {
  if (asked.startsWith('node:')) return asked;
  return asked
    .split('/')
    .slice(0, asked.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The first way from a file back to itself, as a list of files; `undefined` when there is none. */
export function findCycle(sources: readonly Source[]): string[] | undefined {
  const byFile = new Map(sources.map((s) => [s.file, s]));
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of byFile.get(file)?.imports ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const { file } of sources) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}
