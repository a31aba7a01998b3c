import { mulberry32 } from '../../infra/local/simulated-tenant/model/random.ts';
import type { DeviceInput, ScenarioInput } from '../../infra/local/simulated-tenant/model/scenario.ts';

/** Tight enough that a submit out of turn breaks one of them, wide enough for two hundred tasks in a quarter of an hour. */
const LIMITS = { submitsPerMinute: 40, sessions: 15, callsPerMinute: 300, callsPerHour: 9_000 } as const;

/** Twenty simulated seconds pass in one; the windows of the limits stay on real time. */
const TIME_SCALE = 20;

/** Submits take a while, so that kills meet them on the wire; some of their answers, and some submits, get lost. */
const FAULTS: NonNullable<NonNullable<ScenarioInput['switches']>['faultRates']> = [
  { endpoint: 'runLiveResponse', probability: 0.04, fault: { kind: 'loseReply' } },
  { endpoint: 'runLiveResponse', probability: 0.03, fault: { kind: 'reset' } },
  { endpoint: 'runLiveResponse', probability: 0.5, fault: { kind: 'delay', ms: 1_500 } },
];

/** Settings of the hosts that fit the tenant. */
export const CHAOS_SETTINGS: Record<string, string> = {
  DEFENDER_SUBMITS_PER_MINUTE: String(LIMITS.submitsPerMinute),
  DEFENDER_SESSIONS: String(LIMITS.sessions),
  DEFENDER_SESSIONS_RESERVED: '0',
  DEFENDER_CALLS_PER_MINUTE: String(LIMITS.callsPerMinute),
  DEFENDER_CALLS_PER_HOUR: String(LIMITS.callsPerHour),
  PROBATION_SECONDS: '15',
  POLL_MIN_SECONDS: '1',
  DISPATCH_SCHEDULE: '*/10 * * * * *',
  POLL_SCHEDULE: '5-59/10 * * * * *',
};

/** What the independent checker holds against the tenant's log. */
export const CHAOS_LIMITS = LIMITS;

export const nameOf = (place: number): string => `ws${String(place).padStart(3, '0')}.contoso.com`;

/** Mostly plain devices; some sleep for a while, are busy, fail a command, or hand over several megabytes. */
export function chaosScenario(devices: number, seed: number): ScenarioInput {
  const random = mulberry32(seed);
  return {
    seed,
    switches: { ...LIMITS, timeScale: TIME_SCALE, readGapMs: 500, faultRates: FAULTS },
    devices: Array.from({ length: devices }, (_, place) => ({
      computerDnsName: nameOf(place),
      startDelayMs: Math.round(20_000 + 100_000 * random()),
      runMs: Math.round(10_000 + 60_000 * random()),
      commands: [{ type: 'GetFile' as const, bytes: Math.round(40_000 + 400_000 * random()) }],
      ...peculiarity(place),
    })),
  };
}

const minutesMs = (minutes: number): number => minutes * 60_000;

function peculiarity(place: number): Partial<DeviceInput> {
  switch (place % 20) {
    case 3:
      return { awake: { asleepForMs: minutesMs(30) } };
    case 7:
      return { portalSession: { toMs: minutesMs(20) } };
    case 11:
      return {
        commands: [
          {
            type: 'GetFile',
            fails: { errors: ['The system cannot find the file specified.'], errorHResult: -2147024894 },
          },
        ],
      };
    case 13:
      return { commands: [{ type: 'GetFile', bytes: 6_000_000 }] };
    case 17:
      return { awake: { firstWakeMs: minutesMs(5), awakeMs: minutesMs(10), asleepMs: minutesMs(15) } };
    default:
      return {};
  }
}
