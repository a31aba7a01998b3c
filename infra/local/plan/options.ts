import { parseArgs } from 'node:util';
import { readConfig } from '../../../shared/config.ts';
import type { DefenderLimits } from '../../../shared/domain/limits.ts';
import { TYPICAL_SLOT_MS } from '../../../shared/domain/schedule/estimate.ts';
import { hours, minutes } from '../../../shared/domain/time.ts';
import { ASSUMED } from './assumptions.ts';

/** What is asked of a plan. Durations in ms. */
export interface PlanWish {
  devices: number;
  /** Share of the devices that sleep at the start. */
  asleep: number;
  /** How long a device holds its session, on average. */
  slotMs: number;
  /** Results of each device: Defender gives a link for one at a time. */
  results: number;
  /** Tasks that wait before these. */
  queued: number;
  /** A device that sleeps now wakes at some moment of this time, evenly. */
  asleepMs: number;
  /** How long it is awake then, before it sleeps as long again. */
  awakeMs: number;
  limits: DefenderLimits;
  probationMs: number;
  pollMinMs: number;
}

export interface PlanOptions {
  wish: PlanWish;
  json: boolean;
}

export const USAGE = `Usage: npm run plan -- --devices 500 [--asleep 0.3] [--minutes 3] [--results 1] [--queued 0]
                   [--asleep-hours 16] [--awake-hours 8] [--json]
  --devices N        devices to collect from
  --asleep SHARE     how many of them sleep now, from 0 to 1 (0)
  --minutes M        how long a device holds its session, on average (${TYPICAL_SLOT_MS / minutes(1)})
  --results N        results of each device: one for each RunScript and GetFile (1)
  --queued N         devices that wait already (0): tasks.queued of GET /api/capacity
  --asleep-hours H   a device that sleeps wakes within so many hours (16)
  --awake-hours H    and is awake for so many (8)
Limits are those of the environment or of local.settings.json: DEFENDER_SUBMITS_PER_MINUTE, DEFENDER_SESSIONS,
DEFENDER_SESSIONS_RESERVED, DEFENDER_CALLS_PER_MINUTE, DEFENDER_CALLS_PER_HOUR, PROBATION_SECONDS, POLL_MIN_SECONDS.`;

const SETTINGS = [
  'DEFENDER_SUBMITS_PER_MINUTE',
  'DEFENDER_CALLS_PER_MINUTE',
  'DEFENDER_CALLS_PER_HOUR',
  'DEFENDER_SESSIONS',
  'DEFENDER_SESSIONS_RESERVED',
  'PROBATION_SECONDS',
  'POLL_MIN_SECONDS',
] as const;

const MOST_DEVICES = 100_000;

const text = { type: 'string' as const };
const NAMES = {
  devices: text,
  asleep: text,
  minutes: text,
  results: text,
  queued: text,
  'asleep-hours': text,
  'awake-hours': text,
};
type Name = keyof typeof NAMES;

/** @throws Error that says what is wrong, and what to write instead */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): PlanOptions {
  const { values } = parseArgs({ args, options: { ...NAMES, json: { type: 'boolean' } } });
  const number = (name: Name, otherwise: number | undefined, allowed: Allowed): number => {
    const given = values[name];
    if (given === undefined && otherwise === undefined) throw new Error(`--${name}: write ${allowed.words}`);
    const value = given === undefined ? (otherwise ?? 0) : /^\d*\.?\d+$/.test(given) ? Number(given) : Number.NaN;
    if (!allowed.fits(value)) throw new Error(`--${name}: write ${allowed.words}, not ${given}`);
    return value;
  };
  const wish = {
    devices: number('devices', undefined, whole(1, MOST_DEVICES)),
    asleep: number('asleep', 0, { words: 'a share from 0 to 1, as 0.3', fits: (n) => n >= 0 && n <= 1 }),
    slotMs: minutes(number('minutes', TYPICAL_SLOT_MS / minutes(1), upTo(60 * 24))),
    results: number('results', 1, whole(0, 20)),
    queued: number('queued', 0, whole(0, MOST_DEVICES)),
    asleepMs: hours(number('asleep-hours', 16, upTo(24 * 30))),
    awakeMs: hours(number('awake-hours', 8, upTo(24 * 30))),
  };
  return { wish: { ...wish, ...readSettings(env) }, json: values.json === true };
}

interface Allowed {
  words: string;
  fits(value: number): boolean;
}

const whole = (least: number, most: number): Allowed => ({
  words: `a whole number from ${least} to ${most}`,
  fits: (n) => Number.isInteger(n) && n >= least && n <= most,
});

const upTo = (most: number): Allowed => ({
  words: `a number above 0, at most ${most}`,
  fits: (n) => n > 0 && n <= most,
});

/** Of all settings only those that a plan is made of: it needs no storage. @throws SettingsError */
function readSettings(env: NodeJS.ProcessEnv): Pick<PlanWish, 'limits' | 'probationMs' | 'pollMinMs'> {
  const named = Object.fromEntries(SETTINGS.map((name) => [name, env[name]]));
  const { defender, probationMs, pollMinMs } = readConfig({
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    ...named,
  });
  return { limits: defender, probationMs: Math.min(probationMs, ASSUMED.probationMs), pollMinMs };
}
