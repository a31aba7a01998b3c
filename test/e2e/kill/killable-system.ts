import { setTimeout as pause } from 'node:timers/promises';
import { startLocalSystem } from '../../../infra/local/local-system.ts';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { loadScenario } from '../../../infra/local/tenant-process.ts';
import type { Checkpoint } from '../../../shared/use-cases/checkpoints.ts';

/** Long enough for the slowest recovery of all: an intent whose submit nobody can vouch for (90 s), on a busy machine. */
export const MOST_MS = 240_000;
const LOOK_AGAIN_MS = 100;

/** Tight enough that a submit repeated out of turn breaks one of them, wide enough that none of them is the slowest part. */
const SUBMITS_PER_MINUTE = 60;
const SESSIONS = 30;
const CALLS_PER_MINUTE = 600;
const CALLS_PER_HOUR = 20_000;

/** A hundred simulated seconds pass in one; the windows of the limits stay on real time. */
const TIME_SCALE = 100;

const SWITCHES = {
  timeScale: TIME_SCALE,
  submitsPerMinute: SUBMITS_PER_MINUTE,
  sessions: SESSIONS,
  callsPerMinute: CALLS_PER_MINUTE,
  callsPerHour: CALLS_PER_HOUR,
};

/** A local system whose host dies and comes back; storage and tenant live on. */
export interface KillableSystem {
  readonly hostUrl: string;
  readonly tenantUrl: string;
  readonly stateConnectionString: string;
  /** Starts the host anew, to die at the checkpoint if one is given. @returns false when it died before it was ready */
  startHost(dieAt?: Checkpoint): Promise<boolean>;
  kill(): Promise<void>;
  /** resolves when the host has died of its checkpoint; @throws Error when it does not */
  untilDead(): Promise<void>;
  stop(): Promise<void>;
}

export async function startKillableSystem(devices: DeviceInput[]): Promise<KillableSystem> {
  const system = await startLocalSystem({
    env: {
      DISPATCH_SCHEDULE: '*/2 * * * * *',
      POLL_SCHEDULE: '1-59/2 * * * * *',
      POLL_MIN_SECONDS: '1',
      DEFENDER_SUBMITS_PER_MINUTE: String(SUBMITS_PER_MINUTE),
      DEFENDER_SESSIONS: String(SESSIONS),
      DEFENDER_SESSIONS_RESERVED: '0',
      DEFENDER_CALLS_PER_MINUTE: String(CALLS_PER_MINUTE),
      DEFENDER_CALLS_PER_HOUR: String(CALLS_PER_HOUR),
    },
  });
  await loadScenario(system.tenantUrl, { switches: SWITCHES, devices });
  const { host } = system;
  return {
    hostUrl: system.hostUrl,
    tenantUrl: system.tenantUrl,
    stateConnectionString: system.stateConnectionString,
    async startHost(dieAt) {
      try {
        await host.restart(dieAt === undefined ? {} : { HOLDFAST_KILL_AT: dieAt });
        return true;
      } catch (error) {
        if (dieAt !== undefined && String(error).includes('ended with SIGKILL')) return false;
        throw error;
      }
    },
    kill: () => host.kill(),
    async untilDead() {
      await until('the host has died', async () => host.ended);
      if (host.ended !== 'SIGKILL') throw new Error(`The host ended with ${host.ended} instead of being killed`);
    },
    stop: () => system.stop(),
  };
}

/** Waits for a condition, never for a time. @throws Error naming it when it does not come true */
export async function until<T>(what: string, look: () => Promise<T | undefined>, mostMs: number = MOST_MS): Promise<T> {
  const deadline = Date.now() + mostMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Not within ${mostMs / 1000} s: ${what}`);
    await pause(LOOK_AGAIN_MS);
  }
}
