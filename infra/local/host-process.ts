import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { hasEnded, startChild, stopChild } from './child-process.ts';

/** The embedded Functions host as a process of its own, so that it can be killed. */
export interface HostProcess {
  /** `http://127.0.0.1:<port>/api`, the same after a restart */
  readonly url: string;
  readonly pid: number;
  /** exit code or signal, once it has ended */
  readonly ended: number | NodeJS.Signals | undefined;
  /** as a crash: nothing is finished, nothing is saved */
  kill(): Promise<void>;
  /** starts again on the same port, after `kill` if it still ran; resolves when it is ready */
  restart(env?: Record<string, string>): Promise<void>;
  /** drains and ends; resolves with the exit code */
  stop(): Promise<number | null>;
}

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url));
const READY = /^Holdfast is ready on (\S+)/;

/** A first start builds the bundle, too. */
const READY_MS = 60_000;

/**
 * @param env the whole environment of the host
 * @param onLine gets each line that it writes
 * @throws Error with its last lines when it ends or is not ready in time
 */
export async function startHostProcess(env: NodeJS.ProcessEnv, onLine: (line: string) => void): Promise<HostProcess> {
  let running = await launch(env, onLine);
  const { port } = new URL(running.url);
  const kill = async () => {
    if (hasEnded(running.child)) return;
    const ended = once(running.child, 'exit');
    running.child.kill('SIGKILL');
    await ended;
  };
  return {
    url: running.url,
    get pid() {
      return running.child.pid ?? 0;
    },
    get ended() {
      return running.child.exitCode ?? running.child.signalCode ?? undefined;
    },
    kill,
    async restart(extra = {}) {
      await kill();
      running = await launch({ ...env, PORT: port, ...extra }, onLine);
    },
    stop: () => stopChild(running.child),
  };
}

async function launch(
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<{ child: ChildProcess; url: string }> {
  const lines: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = startChild(HOST, [], {
    env,
    onLine(line) {
      lines.push(line);
      if (lines.length > 20) lines.shift();
      const url = READY.exec(line)?.[1];
      if (url !== undefined) resolve(url);
      onLine(line);
    },
  });
  const fail = (why: string) => reject(new Error(`The host did not start: ${why}. It said: ${lines.join(' | ')}`));
  const timer = setTimeout(() => fail(`not ready after ${READY_MS / 1000} s`), READY_MS);
  child.once('error', (error) => fail(error.message));
  child.once('close', (code, signal) => fail(`ended with ${code ?? signal}`));
  try {
    return { child, url: await promise };
  } catch (error) {
    if (!hasEnded(child)) child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
