import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DEMOS = fileURLToPath(new URL('../../../.holdfast/demo', import.meta.url));

/** Evidence of a demo is 80 MB: that of earlier runs goes, unless another one may still be at work on it. */
const KEPT_MS = 600_000;

/** A new folder for this run. @param now epoch ms */
export async function createDemoFolder(now: number): Promise<string> {
  await mkdir(DEMOS, { recursive: true });
  for (const entry of await readdir(DEMOS)) {
    const earlier = join(DEMOS, entry);
    if ((await stat(earlier)).mtimeMs + KEPT_MS < now) await rm(earlier, { recursive: true, force: true });
  }
  const folder = join(DEMOS, `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}-${process.pid}`);
  await mkdir(folder);
  return folder;
}
