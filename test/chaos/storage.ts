import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { type Azurite, STATE_ACCOUNT, startAzurite } from '../../infra/local/azurite.ts';
import { isRunning } from '../../infra/local/functions-host/process-state.ts';

/** Azurite on disk, which comes back on the same files and ports. */
export interface Storage {
  readonly ports: { blob: number; queue: number; table: number };
  readonly connectionString: string;
  /** SIGINT, its own end, and its start: it loses acknowledged writes when it is killed, real storage does not. */
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Writing its state down may take it a while on a busy machine; killing it would lose data. */
const END_MS = 120_000;

export async function startStorage(location: string): Promise<Storage> {
  let azurite: Azurite = await startAzurite({ location });
  const ports = { blob: portOf(azurite.blobUrl), queue: portOf(azurite.queueUrl), table: portOf(azurite.tableUrl) };
  const end = async (): Promise<void> => {
    process.kill(azurite.pid, 'SIGINT');
    for (const deadline = Date.now() + END_MS; isRunning(azurite.pid); ) {
      if (Date.now() > deadline) throw new Error('The storage does not end after SIGINT');
      await pause(50);
    }
  };
  return {
    ports,
    connectionString: azurite.connectionString(STATE_ACCOUNT),
    restart: async () => {
      await end();
      azurite = await startAzurite({ location, ports });
    },
    freeze: () => process.kill(azurite.pid, 'SIGSTOP'),
    thaw: () => process.kill(azurite.pid, 'SIGCONT'),
    stop: end,
  };
}

const portOf = (url: string): number => Number(new URL(url).port);
