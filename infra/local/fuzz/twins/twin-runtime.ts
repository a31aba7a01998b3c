import { createMemoryResultSource } from '../../../../shared/adapters/results/memory-result-source.ts';
import { createMemoryEvidence } from '../../../../shared/adapters/storage/memory-evidence.ts';
import { createMemoryState, type MemoryState } from '../../../../shared/adapters/storage/memory-state.ts';
import type { Holdfast } from '../../../../shared/compose.ts';
import { readConfig } from '../../../../shared/config.ts';
import { days, minutes } from '../../../../shared/domain/time.ts';
import { SOFTWARE } from '../../../../shared/software.ts';
import { TenantModel } from '../../simulated-tenant/model/tenant-model.ts';
import { createDefenderTwin } from '../../simulated-tenant-twin/defender-twin.ts';

/**
 * What `functions/runtime.ts` is to the functions, on in-memory twins: same exports, no storage, no network. Loaded in
 * its place by `in-place-of-runtime.ts`.
 */
export interface Twins {
  holdfast: Holdfast;
  state: MemoryState;
  /** Epoch ms; moves only when told. */
  clock: { at: number; now(): number };
  /** Errors that the app has logged. */
  errors: string[];
}

export const config = readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' });

const START = Date.parse('2026-03-02T08:00:00Z');

let current = freshTwins();

/** Begins anew with nothing stored: memory stays bounded however many requests come. */
export function startAnew(): Twins {
  current = freshTwins();
  return current;
}

export const runtimeAsItIs = (): Holdfast => current.holdfast;
export const runtime = async (): Promise<Holdfast> => current.holdfast;

function freshTwins(): Twins {
  const clock = {
    at: START,
    now() {
      return this.at;
    },
  };
  const state = createMemoryState({ clock });
  const errors: string[] = [];
  const tenant = new TenantModel({ seed: 1, devices: [], library: [], switches: {} }, { startedAt: START });
  let ids = 0;
  const { submitsPerMinute, sessions, sessionsReserved, callsPerMinute, callsPerHour } = config.defender;
  const holdfast: Holdfast = {
    config,
    deps: {
      ...state,
      clock,
      ids: { next: () => `01890000-0000-7000-8000-${String(++ids).padStart(12, '0')}` },
      random: () => 0.5,
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: (event, fields) => void errors.push(`${event} ${JSON.stringify(fields)}`),
      },
      defender: createDefenderTwin(tenant, clock),
      results: createMemoryResultSource({ allowedHosts: [], loopbackAllowed: false }),
      evidence: createMemoryEvidence(),
      callbacks: { post: async () => ({}) },
      settings: {
        tenantId: config.tenantId,
        limits: { submitsPerMinute, sessions, sessionsReserved, callsPerMinute, callsPerHour },
        probationMs: config.probationMs,
        pollMinMs: config.pollMinMs,
        retentionMs: days(90),
        functionTimeoutMs: minutes(30),
        software: SOFTWARE,
      },
      canStore: async () => true,
      checkpoint: () => undefined,
    },
    ensureStorage: async () => undefined,
  };
  return { holdfast, state, clock, errors };
}
