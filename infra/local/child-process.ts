import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';

const END_WITH_PARENT = pathToFileURL(fileURLToPath(new URL('./end-with-parent.mjs', import.meta.url))).href;

/** How long a child may take to end by itself before it is killed. */
const STOP_MS = 15_000;

export interface ChildOptions {
  env?: NodeJS.ProcessEnv;
  /** the signal whose handlers the child runs when it is asked to end */
  stopSignal?: 'SIGINT' | 'SIGTERM';
  /** called with each line of the child's standard output and standard error */
  onLine?: (line: string) => void;
}

/**
 * Starts a script with the Node that runs us. The child sits in its own process group, so Ctrl-C reaches only the
 * parent, which then ends its children in the right order: the host must still have its storage while it drains.
 */
export function startChild(script: string, args: string[], options: ChildOptions = {}): ChildProcess {
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, script, ...args], {
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...(options.env ?? process.env), HOLDFAST_STOP_SIGNAL: options.stopSignal ?? 'SIGTERM' },
  });
  for (const stream of [child.stdout, child.stderr]) forEachLine(stream, options.onLine ?? (() => undefined));
  return child;
}

/** Asks a child to end and waits for it; a child that does not listen is killed. Returns its exit code. */
export async function stopChild(child: ChildProcess, stopMs: number = STOP_MS): Promise<number | null> {
  if (hasEnded(child)) return child.exitCode;
  const ended = once(child, 'exit');
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(timer);
  return child.exitCode;
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function forEachLine(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream?.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
