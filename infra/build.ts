import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { BuildResult } from 'esbuild';
import { withFileLock } from './file-lock.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What the Functions host loads: `main` of package.json. */
export const APP_FILE = join(ROOT, 'dist', 'holdfast.cjs');

/** A change in any of these makes the bundle stale. */
const SOURCES = ['functions', 'shared', 'infra/build.ts', 'package.json', 'package-lock.json'];

export interface BuiltApp {
  appFile: string;
  /** of the bundled code, without source map */
  bytes: number;
}

export interface BuildOptions {
  /** file that registers all functions */
  entry?: string;
  appFile?: string;
}

/**
 * Bundles the app as one minified CommonJS file, which loads in a third of the time that separate modules need.
 * Beside the code `<name>-code.cjs` lies the small `<name>.cjs` that turns on Node's compile cache before it loads
 * the code: a file cannot do that for itself. Files are renamed into place, so a host that starts meanwhile
 * reads either the old or the new ones.
 * @throws esbuild's BuildFailure naming file and line
 */
export async function buildApp(options: BuildOptions = {}): Promise<BuiltApp> {
  const appFile = options.appFile ?? APP_FILE;
  const folder = dirname(appFile);
  const name = basename(appFile, '.cjs');
  const work = join(folder, `.build-${randomUUID()}`);
  const startedAt = new Date();
  await mkdir(work, { recursive: true });
  try {
    const result = await bundle(options.entry ?? join(ROOT, 'functions', 'index.ts'), join(work, `${name}-code.cjs`));
    await writeFile(join(work, 'meta.json'), JSON.stringify(result.metafile));
    await writeFile(join(work, `${name}.cjs`), loaderOf(`${name}-code.cjs`));
    // a source saved while we build is newer than this, so the next start builds again
    await utimes(join(work, `${name}.cjs`), startedAt, startedAt);
    for (const file of [`${name}-code.cjs.map`, 'meta.json', `${name}-code.cjs`, `${name}.cjs`])
      await rename(join(work, file), join(folder, file));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { appFile, bytes: (await stat(join(folder, `${name}-code.cjs`))).size };
}

/** Builds only if the bundle is missing or older than its sources. Two that start together build once. */
export async function ensureBuilt(): Promise<string> {
  if (await isFresh()) return APP_FILE;
  await withFileLock(join(ROOT, 'dist', '.build-lock'), async () => {
    if (!(await isFresh())) await buildApp();
  });
  return APP_FILE;
}

async function bundle(entry: string, outfile: string): Promise<BuildResult<{ metafile: true }>> {
  // loaded only when needed: most starts of the host find a fresh bundle
  const { build } = await import('esbuild');
  return build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    minify: true,
    // class names are seen in logs: `RestError` says more than `t`
    keepNames: true,
    sourcemap: 'linked',
    metafile: true,
    legalComments: 'none',
    // the host supplies it at run time, in Azure as locally
    external: ['@azure/functions-core'],
    absWorkingDir: ROOT,
    logLevel: 'silent',
  });
}

const loaderOf = (codeFile: string) =>
  `'use strict';\nrequire('node:module').enableCompileCache?.();\nmodule.exports = require('./${codeFile}');\n`;

async function isFresh(): Promise<boolean> {
  if (!existsSync(APP_FILE)) return false;
  const builtAt = (await stat(APP_FILE)).mtimeMs;
  const changedAt = await Promise.all(SOURCES.map((source) => newestChange(join(ROOT, source))));
  return Math.max(...changedAt) < builtAt;
}

/** Folders count too: their time changes when a file is removed. */
async function newestChange(path: string): Promise<number> {
  if (!existsSync(path)) return 0;
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const children = await readdir(path);
  return Math.max(found.mtimeMs, ...(await Promise.all(children.map((child) => newestChange(join(path, child))))));
}

// `import.meta.main` would be silently absent on Node 22
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const { appFile, bytes } = await buildApp();
  const ms = Math.round(performance.now() - started);
  process.stdout.write(`${relative(ROOT, appFile)}: ${Math.round(bytes / 1024)} KiB in ${ms} ms\n`);
}
