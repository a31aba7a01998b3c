import { type ContainerClient, RestError } from '@azure/storage-blob';
import { z } from 'zod';

/** When a timer last ran, kept where the Functions host keeps it, so that a host can tell what it missed. */
export interface TimerStatus {
  /** epoch ms of the last occurrence that ran; absent: never yet */
  lastAt?: number;
  nextAt: number;
  updatedAt: number;
}

export interface TimerStatusStore {
  load(): Promise<TimerStatus | undefined>;
  save(status: TimerStatus): Promise<void>;
}

const instant = z.string().transform((text) => Date.parse(text));
const StatusBlob = z.object({ Last: instant, Next: instant, LastUpdated: instant });

/** .NET's smallest instant stands for "never". */
const NEVER = '0001-01-01T00:00:00.000Z';

export function timerStatusStore(container: ContainerClient, hostId: string, timer: string): TimerStatusStore {
  const blob = container.getBlockBlobClient(`timers/${hostId}/Host.Functions.${timer}/status`);
  return {
    async load() {
      const parsed = StatusBlob.safeParse(await readJson(() => blob.downloadToBuffer()));
      if (!parsed.success) return undefined; // damaged or absent: the timer starts afresh
      const { Last, Next, LastUpdated } = parsed.data;
      return { ...(Last > 0 ? { lastAt: Last } : {}), nextAt: Next, updatedAt: LastUpdated };
    },
    async save({ lastAt, nextAt, updatedAt }) {
      const text = JSON.stringify({
        Last: lastAt === undefined ? NEVER : new Date(lastAt).toISOString(),
        Next: new Date(nextAt).toISOString(),
        LastUpdated: new Date(updatedAt).toISOString(),
      });
      await blob.upload(text, Buffer.byteLength(text));
    },
  };
}

async function readJson(download: () => Promise<Buffer>): Promise<unknown> {
  try {
    return JSON.parse((await download()).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof RestError && error.statusCode === 404) return undefined;
    throw error;
  }
}
