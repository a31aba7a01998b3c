import { type AuthConfig, readAuth } from './config/auth-settings.ts';
import {
  containerName,
  directoryId,
  headerSafe,
  hostList,
  schedule,
  serviceUrl,
  tokenScope,
  wholeNumber,
} from './config/setting-kinds.ts';
import { type Environment, SettingsReader } from './config/settings-reader.ts';
import {
  type EvidenceStorageConfig,
  type IdentitySettings,
  readEvidenceStorage,
  readStateStorage,
  type StateStorageConfig,
} from './config/storage-settings.ts';
import { isLoopback } from './domain/evidence/copy-route.ts';
import { days, seconds } from './domain/time.ts';

export type { AuthConfig } from './config/auth-settings.ts';
export { SETTINGS, type SettingDescription, type SettingName } from './config/settings.ts';
export { type SettingProblem, SettingsError } from './config/settings-reader.ts';
export type { EvidenceStorageConfig, StateStorageConfig } from './config/storage-settings.ts';

/** Everything that the environment decides, read once at the start. */
export interface Config {
  /** Every row is keyed by it, even while there is one tenant. */
  readonly tenantId: string;
  readonly storage: StateStorageConfig;
  readonly evidence: { readonly container: string; readonly storage: EvidenceStorageConfig };
  readonly defender: DefenderConfig;
  readonly probationMs: number;
  readonly pollMinMs: number;
  /** How long the state of an ended collection is kept. */
  readonly retentionMs: number;
  /** Evidence archived so recently serves who asks for the same; 0: never. */
  readonly reuseMs: number;
  /** NCRONTAB with six fields. */
  readonly schedules: { readonly dispatch: string; readonly poll: string; readonly housekeeping: string };
  /** Lower case; with a leading dot every host under it, without one that host too. */
  readonly resultLinkHosts: readonly string[];
  readonly callbackHosts: readonly string[];
  /** Results and callbacks may be on this machine: only when Defender itself is (the simulated tenant). */
  readonly loopbackAllowed: boolean;
  /** Without trailing slash; absent: the scheme and host of each request. */
  readonly publicBaseUrl?: string;
  readonly auth: AuthConfig;
  readonly identity: IdentitySettings;
  /** For tests on a simulated tenant: the checkpoint at which the process ends itself. */
  readonly killAt?: string;
}

export interface DefenderConfig {
  /** Without trailing slash. */
  readonly apiUrl: string;
  readonly tokenScope: string;
  readonly accessToken?: string;
  readonly submitsPerMinute: number;
  readonly callsPerMinute: number;
  readonly callsPerHour: number;
  readonly sessions: number;
  /** Up to how many sessions may be tried; `sessions` unless set. */
  readonly sessionsMost: number;
  /** Less than `sessions`. */
  readonly sessionsReserved: number;
}

/**
 * Reads the settings. Pure: the environment is a parameter.
 * @throws SettingsError that names every bad setting and says what to do, without any value
 */
export function readConfig(env: Environment): Config {
  const read = new SettingsReader(env);
  const identity = readIdentity(read);
  const defender = readDefender(read);
  const loopbackAllowed = isLoopback(new URL(defender.apiUrl).hostname);
  if (defender.accessToken !== undefined && !loopbackAllowed) {
    read.refuse('DEFENDER_ACCESS_TOKEN', 'remove it: a fixed token is only for a DEFENDER_API_URL on this machine');
  }
  const storage = readStateStorage(read, identity);
  const publicBaseUrl = read.optional('PUBLIC_BASE_URL', serviceUrl);
  const killAt = loopbackAllowed ? read.text('HOLDFAST_KILL_AT') : undefined;
  const config: Config = {
    tenantId: 'default',
    storage,
    evidence: {
      container: read.withDefault('EVIDENCE_CONTAINER', containerName),
      storage: readEvidenceStorage(read, storage, identity),
    },
    defender,
    probationMs: seconds(read.withDefault('PROBATION_SECONDS', wholeNumber(1))),
    pollMinMs: seconds(read.withDefault('POLL_MIN_SECONDS', wholeNumber(1))),
    retentionMs: days(read.withDefault('RETENTION_DAYS', wholeNumber(1))),
    reuseMs: seconds(read.withDefault('REUSE_EVIDENCE_SECONDS', wholeNumber(0))),
    schedules: {
      dispatch: read.withDefault('DISPATCH_SCHEDULE', schedule),
      poll: read.withDefault('POLL_SCHEDULE', schedule),
      housekeeping: read.withDefault('HOUSEKEEPING_SCHEDULE', schedule),
    },
    resultLinkHosts: readHosts(read, 'RESULT_LINK_HOSTS', loopbackAllowed),
    callbackHosts: readHosts(read, 'CALLBACK_HOSTS', loopbackAllowed),
    loopbackAllowed,
    ...(publicBaseUrl === undefined ? {} : { publicBaseUrl }),
    auth: readAuth(read, identity.authorityHost),
    identity,
    ...(killAt === undefined ? {} : { killAt }),
  };
  read.finish();
  return config;
}

function readIdentity(read: SettingsReader): IdentitySettings {
  const clientId = read.optional('AZURE_CLIENT_ID', directoryId);
  const authorityHost = read.optional('AZURE_AUTHORITY_HOST', serviceUrl);
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(authorityHost === undefined ? {} : { authorityHost }),
  };
}

function readDefender(read: SettingsReader): DefenderConfig {
  const accessToken = read.optional('DEFENDER_ACCESS_TOKEN', headerSafe);
  const sessions = read.withDefault('DEFENDER_SESSIONS', wholeNumber(1));
  return {
    apiUrl: read.withDefault('DEFENDER_API_URL', serviceUrl),
    tokenScope: read.withDefault('DEFENDER_TOKEN_SCOPE', tokenScope),
    ...(accessToken === undefined ? {} : { accessToken }),
    submitsPerMinute: read.withDefault('DEFENDER_SUBMITS_PER_MINUTE', wholeNumber(1)),
    callsPerMinute: read.withDefault('DEFENDER_CALLS_PER_MINUTE', wholeNumber(1)),
    callsPerHour: read.withDefault('DEFENDER_CALLS_PER_HOUR', wholeNumber(1)),
    sessions,
    sessionsMost: readSessionsMost(read, sessions),
    sessionsReserved: readReserved(read, sessions),
  };
}

function readSessionsMost(read: SettingsReader, sessions: number): number {
  const most = read.optional('DEFENDER_SESSIONS_MOST', wholeNumber(1)) ?? sessions;
  if (most < sessions)
    read.refuse('DEFENDER_SESSIONS_MOST', 'write DEFENDER_SESSIONS or more, or leave it out to try no more sessions');
  return most;
}

/** One slot at least must be left to Holdfast. The default gives way to a small number of sessions, a choice does not. */
function readReserved(read: SettingsReader, sessions: number): number {
  const reserved = read.withDefault('DEFENDER_SESSIONS_RESERVED', wholeNumber(0));
  if (reserved < sessions) return reserved;
  if (read.isSet('DEFENDER_SESSIONS_RESERVED')) {
    read.refuse('DEFENDER_SESSIONS_RESERVED', 'leave at least one session: write less than DEFENDER_SESSIONS');
  }
  return sessions - 1;
}

function readHosts(
  read: SettingsReader,
  name: 'RESULT_LINK_HOSTS' | 'CALLBACK_HOSTS',
  loopbackAllowed: boolean,
): string[] {
  const hosts = read.withDefault(name, hostList);
  if (!loopbackAllowed && hosts.some((host) => isLoopback(host))) {
    read.refuse(name, 'a loopback host is allowed only when DEFENDER_API_URL is a loopback address');
  }
  return hosts;
}
