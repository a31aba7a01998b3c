import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_AGAIN_MS = 50;

/** How long a lock may stand without its owner's process id. */
const UNSIGNED_MS = 2_000;

/** Runs `work` while no other process does under the same lock file. */
export async function withFileLock(file: string, work: () => Promise<void>): Promise<void> {
  let release = await tryFileLock(file);
  while (release === undefined) {
    await pause(LOOK_AGAIN_MS);
    release = await tryFileLock(file);
  }
  try {
    await work();
  } finally {
    await release();
  }
}

/**
 * Takes a lock: a file that is created with its owner's process id or not at all. The lock of a process that is gone
 * counts as none.
 * @returns how to release it, or undefined while another process holds it
 */
export async function tryFileLock(file: string): Promise<(() => Promise<void>) | undefined> {
  await mkdir(dirname(file), { recursive: true });
  if (!(await create(file))) {
    if (await isHeld(file)) return undefined;
    await rm(file, { force: true });
    if (!(await create(file))) return undefined;
  }
  return () => rm(file, { force: true });
}

async function create(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isHeld(file: string): Promise<boolean> {
  try {
    const owner = Number(await readFile(file, 'utf8'));
    // an empty file: its owner is about to write its id, or died just then
    if (owner === 0) return Date.now() - (await stat(file)).mtimeMs < UNSIGNED_MS;
    return process.kill(owner, 0);
  } catch (error) {
    // EPERM: it runs, but belongs to another user
    return hasCode(error, 'EPERM');
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
