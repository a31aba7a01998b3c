import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hasEnded, startChild, stopChild } from '../../infra/local/child-process.ts';
import { openLine, type UnsteadyLine } from './unsteady-line.ts';

const HOST = fileURLToPath(new URL('../../infra/local/host.ts', import.meta.url));
/** What the platform would do with a host that ends by itself. */
const COMES_BACK_MS = 1_000;

/** One host of Holdfast with its own lines to the storage and to the tenant. */
export interface ChaosHost {
  readonly url: string;
  /** How often it ended without being killed, and what it said. */
  readonly endings: readonly string[];
  readonly paused: boolean;
  readonly lines: readonly UnsteadyLine[];
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface ChaosHostOptions {
  port: number;
  storage: { connectionString: string; ports: { blob: number; queue: number; table: number } };
  tenantPort: number;
  env: NodeJS.ProcessEnv;
  onLine(line: string): void;
}

export async function startChaosHost(options: ChaosHostOptions): Promise<ChaosHost> {
  const { port, storage, tenantPort, onLine } = options;
  const { blob, queue, table } = storage.ports;
  const lines: UnsteadyLine[] = [];
  const lineTo = async (target: number): Promise<number> => {
    const line = await openLine(target);
    lines.push(line);
    return line.port;
  };
  let connection = storage.connectionString;
  for (const target of [blob, queue, table])
    connection = connection.replaceAll(`:${target}/`, `:${await lineTo(target)}/`);
  const env = {
    ...options.env,
    PORT: String(port),
    AzureWebJobsStorage: connection,
    EvidenceStorage: connection,
    DEFENDER_API_URL: `http://127.0.0.1:${await lineTo(tenantPort)}`,
  };

  const endings: string[] = [];
  let ending = false;
  let isPaused = false;
  let last = '';
  const launch = (): ChildProcess => {
    const started = startChild(HOST, [], {
      env,
      onLine: (line) => {
        last = line;
        onLine(line);
      },
    });
    started.once('exit', async (code, signal) => {
      if (ending || signal === 'SIGKILL') return;
      endings.push(`${code ?? signal}: ${last}`);
      await pause(COMES_BACK_MS);
      if (!ending) child = launch();
    });
    return started;
  };
  let child = launch();
  // two blows at once would start two processes for one, or pause one that is just dying
  let lastTurn: Promise<void> = Promise.resolve();
  const inTurn = (turn: () => Promise<void>): Promise<void> => {
    lastTurn = lastTurn.then(turn);
    return lastTurn;
  };

  return {
    url: `http://127.0.0.1:${port}/api`,
    endings,
    lines,
    get paused() {
      return isPaused;
    },
    kill: () =>
      inTurn(async () => {
        if (ending || hasEnded(child)) return;
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
        child = launch();
      }),
    pause() {
      isPaused = true;
      return inTurn(async () => void child.kill('SIGSTOP'));
    },
    resume() {
      isPaused = false;
      return inTurn(async () => void child.kill('SIGCONT'));
    },
    async stop() {
      ending = true;
      await stopChild(child);
      for (const line of lines) await line.close();
    },
  };
}
