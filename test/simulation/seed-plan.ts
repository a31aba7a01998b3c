import type { DeviceInput, ScenarioInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import { machineIdOf } from '../../infra/local/simulated-tenant/model/scenario.ts';
import type { DefenderLimits } from '../../shared/domain/limits.ts';
import { days, type EpochMs, hours, minutes, seconds, toIso } from '../../shared/domain/time.ts';
import { SOFTWARE } from '../../shared/software.ts';
import type { UseCaseSettings } from '../../shared/use-cases/deps.ts';
import { type Chance, chanceOf } from './chance.ts';
import type { CallFault } from './faults.ts';

/** Six hours and seven seconds into a Monday: no heartbeat is due at the start. */
export const START: EpochMs = Date.parse('2026-03-02T06:00:07Z');

export interface PlannedAsk {
  at: EpochMs;
  /** As the caller sends it. */
  body: Record<string, unknown>;
  by: 'http' | 'queue';
  /** How many identical requests arrive together. */
  copies: number;
  cancelAfterMs?: number;
}

export interface Span {
  from: EpochMs;
  to: EpochMs;
}

/** Everything about a seed that is decided before it runs. */
export interface SeedPlan {
  seed: number;
  instances: number;
  /** Of each instance's clock, in ms. */
  skewsMs: number[];
  settings: UseCaseSettings;
  /** Of the tenant; more than are configured only where more may be tried. */
  sessions: number;
  devices: DeviceInput[];
  switches: ScenarioInput['switches'];
  asks: PlannedAsk[];
  /** Time between two heartbeats of a kind, in ms: a setting, a minute if unset. */
  heartbeatMs: number;
  faultsEndAt: EpochMs;
  /** Probability of each fault of a call, while faults last. */
  rates: Record<CallFault, number>;
  /** Probability that a link does not do what Defender promises, that a blob is damaged, that a message goes astray. */
  linkFaults: number;
  storedDamaged: number;
  messageFaults: number;
  storageOutages: Span[];
  defenderOutages: Span[];
  ticksSkipped: Span[];
  /** People in the portal cancel actions of ours. */
  portalCancels: EpochMs[];
  reads: EpochMs[];
  /** How the receiver of callbacks answers while faults last. */
  callbackFaults: number;
}

export const CALLBACK_SECRET = 'planted-callback-secret';
const CALLBACK_HOST = 'prod-7.westeurope.logic.azure.com';
const DAY = days(1);

export function planOf(seed: number): SeedPlan {
  const chance = chanceOf(seed, 'plan');
  const faultsEndAt = START + hours(chance.between(3, 18));
  const stormy = chance.is(0.8);
  // A stream of its own: a large seed is no reason for the others to change.
  const size = chanceOf(seed, 'size');
  const large = size.is(0.02) ? size.int(110, 200) : 0;
  const devices = drawDevices(chance, large);
  const span = (lastsMs: number, most: number): Span[] =>
    Array.from({ length: chance.int(0, most) }, () => {
      const from = START + chance.between(0, faultsEndAt - START);
      return { from, to: Math.min(faultsEndAt, from + lastsMs) };
    });
  const rate = (most: number) => (stormy && chance.is(0.7) ? chance.scale(most / 50, most) : 0);
  const instances = chance.pick(2, 2, 3);
  const settings = drawSettings(chance);
  const more = drawMoreSessions(chanceOf(seed, 'sessions'), settings.limits.sessions);
  return {
    seed,
    instances,
    skewsMs: Array.from({ length: instances }, () => drawSkew(chance)),
    settings: {
      ...settings,
      limits: { ...settings.limits, ...more.limits },
      retentionMs: size.pick(days(90), hours(1), hours(3)),
      reuseMs: chanceOf(seed, 'reuse').pick(0, 0, minutes(10), hours(2)),
    },
    sessions: more.sessions,
    devices,
    switches: drawSwitches(chance),
    asks: drawAsks(chance, devices, large, { sharing: chanceOf(seed, 'sharing'), files: chanceOf(seed, 'files') }),
    heartbeatMs: minutes(size.pick(1, 1, 2, 5)),
    faultsEndAt,
    rates: {
      delay: rate(0.05),
      error: rate(0.03),
      throttled: rate(0.03),
      lostReply: rate(0.03),
      conflict: rate(0.05),
      crashBefore: rate(0.01),
      crashAfter: rate(0.01),
      pause: rate(0.002),
      outage: rate(0.0005),
    },
    linkFaults: rate(0.4),
    storedDamaged: chance.is(0.1) ? 0.05 : 0,
    messageFaults: rate(0.2),
    storageOutages: stormy ? span(minutes(10), 2) : [],
    defenderOutages: stormy ? span(hours(1), 1) : [],
    ticksSkipped: stormy ? span(hours(1), 1) : [],
    portalCancels: Array.from({ length: chance.int(0, 4) }, () => START + chance.between(0, faultsEndAt - START)),
    reads: Array.from({ length: chance.int(0, 12) }, () => START + chance.between(0, DAY)),
    callbackFaults: stormy ? chance.pick(0, 0.3, 0.8) : 0,
  };
}

/** Up to two minutes either way. Less than two seconds is not corrected, and costs at most a refused call. */
function drawSkew(chance: Chance): number {
  return chance.is(0.5) ? chance.pick(-1, 1) * chance.scale(seconds(4), minutes(2)) : 0;
}

function drawSettings(chance: Chance): Omit<UseCaseSettings, 'retentionMs'> {
  const sessions = chance.pick(1, 2, 3, 5, 10, 25);
  return {
    tenantId: 'contoso',
    limits: {
      submitsPerMinute: chance.pick(1, 2, 5, 10, 10),
      sessions,
      sessionsReserved: chance.pick(0, 0, Math.min(2, sessions - 1)),
      callsPerMinute: chance.pick(10, 30, 100),
      // Low budgets make rare polls, and rare polls make fast seeds.
      callsPerHour: chance.pick(60, 60, 60, 120, 120, 120, 200, 200, 400, 1500),
    },
    probationMs: chance.pick(seconds(60), seconds(240), minutes(20)),
    pollMinMs: chance.pick(seconds(5), seconds(10), seconds(30), seconds(30), seconds(60), seconds(60)),
    functionTimeoutMs: minutes(30),
    software: SOFTWARE,
    copy: { blockBytes: 1024, ...(chance.is(0.5) ? { serverCopyFromBytes: chance.pick(1, 3000) } : {}) },
  };
}

/** In some worlds more sessions than are configured may be tried, whether the tenant has more or not. */
function drawMoreSessions(chance: Chance, configured: number): { sessions: number; limits: Partial<DefenderLimits> } {
  if (!chance.is(0.25)) return { sessions: configured, limits: {} };
  return { sessions: configured + chance.int(0, 8), limits: { sessionsMost: configured + chance.int(1, 10) } };
}

function drawSwitches(chance: Chance): ScenarioInput['switches'] {
  return {
    cancelDelayMs: chance.pick(0, seconds(2), seconds(10), seconds(60)),
    cancelHidesRun: chance.is(0.3),
    lockLingersMs: chance.pick(0, 0, seconds(20), minutes(3)),
    existingActionWithinMs: chance.pick(0, 0, seconds(10)),
    readGapMs: chance.pick(0, 0, seconds(5), seconds(40)),
    actionStaysPending: chance.is(0.2),
    failedCommandFailsAction: chance.is(0.7),
    linkAt: chance.pick('commandEnd', 'actionEnd'),
    pendingTimeoutMs: chance.pick(hours(2), hours(2), days(3)),
    retryAfterHeader: chance.is(0.6),
    unknownStatuses: chance.is(0.3),
    lastUpdateField: chance.pick('lastUpdateDateTimeUtc', 'lastUpdateTimeUtc', 'both'),
    pageSize: chance.pick(1, 2, 5, 10_000, 10_000),
    missingScripts: 'allowed',
  };
}

const TAG = 'triage';

function drawDevices(chance: Chance, large: number): DeviceInput[] {
  return Array.from({ length: Math.max(large, chance.int(8, 30)) }, (_, place): DeviceInput => {
    const awake = drawAwake(chance);
    return {
      computerDnsName: `ws${String(place).padStart(3, '0')}.contoso.com`,
      startDelayMs: chance.scale(2_000, 200_000),
      runMs: chance.is(0.03) ? minutes(45) : chance.scale(500, 300_000),
      lagMs: chance.pick(0, 1000, 30_000, 60_000),
      awake,
      lastIpAddress: `10.0.0.${place + 1}`,
      aadDeviceId: `0000aaaa-0000-4000-8000-${String(place).padStart(12, '0')}`,
      machineTags: chance.is(0.15) ? [TAG] : [],
      supported: !chance.is(0.02),
      remediationLevel: !chance.is(0.02),
      ...(chance.is(0.1)
        ? { portalSession: { fromMs: chance.between(0, hours(4)), toMs: hours(chance.between(4, 9)) } }
        : {}),
      commands: chance.is(0.12)
        ? [
            {
              type: chance.pick('RunScript', 'GetFile', 'PutFile'),
              fails: { errors: ['The command failed'], endsAs: chance.pick('Failed', 'TimeOut') },
            },
          ]
        : [],
    };
  });
}

function drawAwake(chance: Chance): NonNullable<DeviceInput['awake']> {
  const kind = chance.next();
  if (kind < 0.6) return 'always';
  if (kind < 0.65) return 'never';
  if (kind < 0.75) return { asleepForMs: hours(chance.between(0.1, 60)) };
  const awakeMs = chance.scale(minutes(2), hours(4));
  return { firstWakeMs: chance.between(0, hours(6)), awakeMs, asleepMs: chance.scale(minutes(2), hours(12)) };
}

function drawAsks(
  chance: Chance,
  devices: DeviceInput[],
  large: number,
  // Streams of their own: what others ask for is no reason for these to change.
  { sharing, files }: { sharing: Chance; files: Chance },
): PlannedAsk[] {
  const asks = drawApart(chance, devices, large);
  const alike = sharing.is(0.5)
    ? asks.flatMap((ask, place) => (sharing.is(0.4) ? drawAlike(sharing, ask, `${place}`) : []))
    : [];
  const others = files.is(0.4)
    ? asks.flatMap((ask, place) => (files.is(0.5) ? drawFiles(files, ask, `file-${place}`) : []))
    : [];
  return [...asks, ...alike, ...others];
}

/** Files of the same devices, by several who ask for one or two each at about the same time. */
function drawFiles(chance: Chance, ask: PlannedAsk, name: string): PlannedAsk[] {
  return Array.from({ length: chance.int(2, 4) }, (_, nth) => {
    const commands = Array.from({ length: chance.int(1, 2) }, () => ({
      type: 'GetFile',
      path: `C:\\Temp\\${chance.int(1, 4)}.txt`,
    }));
    return drawAlike(chance, { ...ask, body: { ...ask.body, commands } }, `${name}-${nth}`).slice(0, 1);
  }).flat();
}

/** The same for the same devices, by others, at about the same time: it may share their runs. */
function drawAlike(chance: Chance, ask: PlannedAsk, place: string): PlannedAsk[] {
  return Array.from({ length: chance.int(1, 3) }, (_, nth): PlannedAsk => {
    const at = ask.at + chance.pick(0, chance.scale(seconds(1), minutes(10)), chance.scale(minutes(1), hours(1)));
    const { targets, commands } = ask.body as { targets: unknown[]; commands: unknown[] };
    const some = chance.is(0.5) ? targets : targets.slice(0, chance.int(1, targets.length));
    return {
      at,
      body: {
        requestId: `request-${place}-${nth}`,
        targets: some.slice(0, 6),
        commands,
        comment: `why-${place}-${nth}`,
        priority: chance.pick('urgent', 'normal', 'bulk'),
        expiresAt: toIso(
          at +
            chance.pick(
              minutes(chance.between(2, 30)),
              hours(chance.between(1, 4)),
              hours(chance.between(4, 8)),
              hours(20),
            ),
        ),
      },
      by: 'http',
      copies: 1,
      ...(chance.is(0.4) ? { cancelAfterMs: chance.scale(seconds(1), hours(1)) } : {}),
    };
  });
}

function drawApart(chance: Chance, devices: DeviceInput[], large: number): PlannedAsk[] {
  return Array.from({ length: chance.int(3, 6) }, (_, place): PlannedAsk => {
    const at = START + chance.pick(0, chance.between(0, hours(1)), chance.between(0, hours(10)));
    const body = {
      requestId: `request-${place}`,
      targets: drawTargets(chance, devices, at, place === 0 ? large : 0),
      commands: drawCommands(chance),
      comment: `why-${place}`,
      ...(chance.is(0.5) ? { caseId: chance.pick('INC-1', 'INC-2') } : {}),
      priority: chance.pick('urgent', 'normal', 'bulk'),
      expiresAt: toIso(
        at +
          chance.pick(
            minutes(chance.between(2, 60)),
            hours(chance.between(0.5, 4)),
            hours(chance.between(2, 8)),
            hours(chance.between(8, 30)),
          ),
      ),
      ...(chance.is(0.6) ? { callbackUrl: `https://${CALLBACK_HOST}/w/${place}?sig=${CALLBACK_SECRET}-${place}` } : {}),
    };
    return {
      at,
      body,
      by: chance.is(0.25) ? 'queue' : 'http',
      copies: chance.is(0.2) ? chance.int(2, 20) : 1,
      ...(chance.is(0.3) ? { cancelAfterMs: chance.scale(seconds(1), hours(5)) } : {}),
    };
  });
}

function drawTargets(chance: Chance, devices: DeviceInput[], at: EpochMs, large: number): Record<string, unknown>[] {
  const byTag = chance.is(0.15) ? [{ machineTag: TAG }] : [];
  const unknown = chance.is(0.15) ? [{ computerDnsName: 'nobody.contoso.com' }] : [];
  const count = Math.max(large, chance.int(2, Math.min(10, devices.length)));
  const known = Array.from({ length: count }, () => {
    const device = chance.among(devices);
    const kind = chance.next();
    if (kind < 0.65) return { machineId: machineIdOf(device.computerDnsName) };
    if (kind < 0.85) return { computerDnsName: device.computerDnsName };
    if (kind < 0.93) return { aadDeviceId: device.aadDeviceId };
    return { ipAddress: device.lastIpAddress, at: toIso(at - hours(1)) };
  });
  return [...known, ...byTag, ...unknown];
}

function drawCommands(chance: Chance): Record<string, unknown>[] {
  const put = { type: 'PutFile', fileName: 'tool.exe' };
  const run = { type: 'RunScript', scriptName: 'collect.ps1' };
  const get = { type: 'GetFile', path: 'C:\\Temp\\out.zip' };
  return chance.pick([run], [get], [run, get], [put, run, get], [get, { ...get, path: 'C:\\Temp\\log.txt' }]);
}
