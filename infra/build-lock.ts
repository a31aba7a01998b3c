import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_AGAIN_MS = 50;

/** How long a lock may stand without its owner's process id. */
const UNSIGNED_MS = 2_000;

/**
 * Runs `work` while no other process does for the same folder. A lock whose process is gone counts as none.
 * The lock is a file that is created with its owner's process id or not at all.
 */
export async function withBuildLock(folder: string, work: () => Promise<void>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lock = join(folder, '.build-lock');
  while (!(await take(lock))) {
    if (!(await isHeld(lock))) await rm(lock, { force: true });
    else await pause(LOOK_AGAIN_MS);
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isHeld(lock: string): Promise<boolean> {
  try {
    const owner = Number(await readFile(lock, 'utf8'));
    // an empty file: its owner is about to write its id, or died just then
    if (owner === 0) return Date.now() - (await stat(lock)).mtimeMs < UNSIGNED_MS;
    return process.kill(owner, 0);
  } catch (error) {
    // EPERM: it runs, but belongs to another user
    return hasCode(error, 'EPERM');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
