import { createCallbackSender } from './adapters/callback/http-callback-sender.ts';
import { createDefenderClient } from './adapters/defender/defender-client.ts';
import { createTokenSource, fixedToken, type TokenSource } from './adapters/defender/token-source.ts';
import { createCredential } from './adapters/identity/azure-credential.ts';
import { type CallerCheck, createCallerCheck } from './adapters/identity/caller-tokens.ts';
import { createResultSource } from './adapters/results/http-result-source.ts';
import { createBlobSecrets } from './adapters/storage/blob-secrets.ts';
import { createEnsureContainer, createEnsureStorage } from './adapters/storage/ensure-storage.ts';
import { createEvidenceBlobs } from './adapters/storage/evidence-blobs.ts';
import { canStoreIn, madeFirst } from './adapters/storage/made-first.ts';
import { createServiceClock, settleClock } from './adapters/storage/service-clock.ts';
import { createBlobService, createStorageClients } from './adapters/storage/storage-clients.ts';
import { STATE_CONTAINER } from './adapters/storage/storage-names.ts';
import { createStorageQueues } from './adapters/storage/storage-queues.ts';
import { createTableState } from './adapters/storage/table-state.ts';
import { consoleSink, createLog } from './adapters/telemetry/console-log.ts';
import { systemClock, systemIds, systemRandom } from './adapters/telemetry/system.ts';
import type { Config } from './config.ts';
import { PATIENCE } from './domain/limits.ts';
import type { Log } from './ports.ts';
import { SOFTWARE } from './software.ts';
import type { Checkpoint } from './use-cases/checkpoints.ts';
import type { Deps, UseCaseSettings } from './use-cases/deps.ts';
import { governedDefender } from './use-cases/governed-defender.ts';

/** What the functions need: the use cases' dependencies, and what stands at the door. */
export interface Holdfast {
  config: Config;
  deps: Deps;
  /** Absent in `key` mode: the Functions host checks the keys. */
  checkCaller?: CallerCheck;
  /** Makes what is missing in the storage of the state; after the first success it costs nothing. */
  ensureStorage(): Promise<void>;
}

/** The only place that builds adapters. Nothing is sent yet. */
export function compose(config: Config): Holdfast {
  const clock = createServiceClock(systemClock);
  const log = createLog(consoleSink, clock);
  const options = { credential: createCredential(config.identity), userAgentPrefix: userAgent() };
  const state = createStorageClients(config.storage, { ...options, clock });
  const evidenceService = createBlobService(config.evidence.storage, options);
  const ensureEvidence = createEnsureContainer(evidenceService.getContainerClient(config.evidence.container));
  const tables = createTableState(state);
  const settings = settingsOf(config);
  const governor = {
    registers: tables.registers,
    clock,
    tenantId: config.tenantId,
    limits: settings.limits,
  };
  const deps: Deps = {
    ...tables,
    clock,
    ids: systemIds,
    random: systemRandom,
    log,
    queues: createStorageQueues(state.queues),
    secrets: createBlobSecrets(state.blobs.getContainerClient(STATE_CONTAINER)),
    defender: governedDefender(defenderOf(config, log), governor),
    results: createResultSource({
      allowedHosts: [...config.resultLinkHosts],
      loopbackAllowed: config.loopbackAllowed,
    }),
    // what needs no evidence works while only the storage for evidence is away
    evidence: madeFirst(
      createEvidenceBlobs({ service: evidenceService, containerName: config.evidence.container, clock: systemClock }),
      ensureEvidence,
    ),
    canStore: canStoreIn(ensureEvidence, log),
    callbacks: createCallbackSender({
      allowedHosts: [...config.callbackHosts],
      loopbackAllowed: config.loopbackAllowed,
    }),
    settings,
    checkpoint: killAt(config.killAt),
  };
  const ensureStorage = createEnsureStorage(state);
  return {
    config,
    deps,
    ...(config.auth.mode === 'entra' ? { checkCaller: createCallerCheck({ ...config.auth, clock: systemClock }) } : {}),
    async ensureStorage() {
      await ensureStorage();
      await settleClock(clock, () => tables.registers.read(config.tenantId, 'clock'));
    },
  };
}

const userAgent = (): string => `${SOFTWARE.name}/${SOFTWARE.version}`;

/** `functionTimeout` of host.json, in ms. */
const FUNCTION_TIMEOUT_MS = 30 * 60_000;

function settingsOf(config: Config): UseCaseSettings {
  const { defender } = config;
  return {
    tenantId: config.tenantId,
    limits: {
      submitsPerMinute: defender.submitsPerMinute,
      sessions: defender.sessions,
      sessionsMost: defender.sessionsMost,
      sessionsReserved: defender.sessionsReserved,
      callsPerMinute: defender.callsPerMinute,
      callsPerHour: defender.callsPerHour,
    },
    probationMs: config.probationMs,
    pollMinMs: config.pollMinMs,
    retentionMs: config.retentionMs,
    reuseMs: config.reuseMs,
    functionTimeoutMs: FUNCTION_TIMEOUT_MS,
    software: SOFTWARE,
  };
}

function defenderOf(config: Config, log: Log) {
  const { apiUrl } = config.defender;
  return createDefenderClient({
    baseUrl: apiUrl,
    token: tokenOf(config),
    clock: systemClock,
    timeoutMs: PATIENCE.callTimeoutMs,
    log,
  });
}

function tokenOf({ defender, identity }: Config): TokenSource {
  if (defender.accessToken !== undefined) return fixedToken(defender.accessToken);
  return createTokenSource({
    credential: createCredential(identity),
    scope: defender.tokenScope,
    clock: systemClock,
  });
}

/** For crash tests on a simulated tenant: dies at the named point as by `kill -9`. Does nothing elsewhere. */
function killAt(point: string | undefined): (reached: Checkpoint) => void {
  if (point === undefined) return () => {};
  return (reached) => {
    if (reached === point) process.kill(process.pid, 'SIGKILL');
  };
}
