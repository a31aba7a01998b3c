import { days, hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { ASSUMED } from './assumptions.ts';
import type { CallsOfPlan, Plan, Spread, Stage } from './plan.ts';

/** A plan in words, for whoever writes a playbook. */
export function planText(plan: Plan): string {
  return [heading(plan), times(plan), calls(plan), limit(plan), notes(plan)]
    .map((part) => part.join('\n'))
    .join('\n\n');
}

function heading({ wish }: Plan): string[] {
  const { limits } = wish;
  const asleep = ['all awake', 'all asleep'][[0, 1].indexOf(wish.asleep)] ?? `${percent(wish.asleep)} of them asleep`;
  const queued = wish.queued === 0 ? '' : `, behind ${count(wish.queued)} that wait already`;
  return [
    `${count(wish.devices)} ${wish.devices === 1 ? 'device' : 'devices'}, ${asleep}; ${round(wish.slotMs / minutes(1))} min of a session and ${results(wish.results)} each${queued}`,
    `${limits.submitsPerMinute} submits a minute, ${limits.sessions - limits.sessionsReserved} of ${limits.sessions} sessions, ${limits.callsPerHour} calls an hour`,
  ];
}

const results = (n: number): string => (n === 1 ? '1 result' : `${n} results`);

function times({ awake, asleep, allTried }: Plan): string[] {
  return [
    row('', 'half the time by', '9 in 10 times by'),
    row('every device has had a turn', ...spread(allTried)),
    ...(awake ? stage(`${count(awake.devices)} awake`, awake) : []),
    ...(asleep ? stage(`${count(asleep.devices)} asleep (if they wake, see below)`, asleep) : []),
  ];
}

const stage = (who: string, { halfStored, lastStored }: Stage): string[] => [
  who,
  row('  evidence of half of them', ...spread(halfStored)),
  row('  evidence of the last', ...spread(lastStored)),
];

const spread = ({ p50, p90 }: Spread): [string, string] => [duration(p50), duration(p90)];

function calls(plan: Plan): string[] {
  return [
    row('Defender calls', 'in all', 'busiest hour', 'allowed'),
    ...plan.calls.map((c) => row(`  ${NAMES[c.what]}`, count(c.total), count(c.busiestHour), `${count(c.perHour)}/h`)),
  ];
}

const NAMES: Record<CallsOfPlan['what'], string> = {
  submits: 'submits',
  'list polls': 'list polls for the awake, at most',
  'result links': 'result links',
  cancels: 'cancels of devices that slept',
};

function limit({ limitedBy, startsPerMinute, helps }: Plan): string[] {
  const { submits, sessions, links } = startsPerMinute;
  const why = {
    submits: `submits: Defender takes ${round(submits)} a minute of a tenant, and nothing raises that; sessions would do for ${round(sessions)}`,
    sessions: `sessions: they let ${round(sessions)} devices start in a minute, submits would let ${round(submits)}`,
    links: `result links: their hourly budget does for ${round(links)} devices a minute, sessions for ${round(sessions)}`,
    nothing: 'nothing: all start at once, and the slowest device is the last',
  };
  return [
    `Limited by ${why[limitedBy]}.`,
    ...(helps.length > 0 ? ['The last awake device would be done sooner with'] : []),
    ...helps.map(({ what, lastStored }) => `  ${duration(lastStored).padStart(WIDTHS[1])}  ${what}`),
  ];
}

function notes({ wish, awake, asleep, runs }: Plan): string[] {
  const lines = [
    `Of ${runs} drawn fleets. Sessions are held for times that scatter around the one given (lognormal, sigma ${ASSUMED.sessionSigma}).`,
    'Copying results is not counted: it takes seconds, minutes for gigabytes. Nor are faults, and people in the portal.',
  ];
  if (awake && awake.lastStored.p90 > wish.awakeMs)
    lines.push(
      `This outlasts the ${round(wish.awakeMs / hours(1))} h that devices stay awake: some of those awake now will sleep at their turn.`,
    );
  if (asleep) {
    const within = `${round(wish.asleepMs / hours(1))} h`;
    lines.push(
      `A device that sleeps is taken to wake within ${within}, to stay awake for ${round(wish.awakeMs / hours(1))} h, and to be tried ${ASSUMED.triesPerDay} times a day.`,
    );
    if (asleep.missed > 0)
      lines.push(`About ${count(asleep.missed)} are not met awake before their request expires, after 7 days.`);
  }
  return lines;
}

const WIDTHS = [40, 18] as const;

const row = (name: string, ...cells: string[]): string =>
  [name.padEnd(WIDTHS[0]), ...cells.map((cell) => cell.padStart(WIDTHS[1]))].join('').trimEnd();

/** `45 s`, `54 min`, `2 h 05 min`, `3 d 04 h`. */
export function duration(ms: number): string {
  if (ms < minutes(1)) return `${Math.ceil(ms / seconds(1))} s`;
  const mins = Math.ceil(ms / minutes(1));
  if (mins < 60) return `${mins} min`;
  if (ms < days(2)) return `${Math.floor(mins / 60)} h ${two(mins % 60)} min`;
  const inHours = Math.ceil(ms / hours(1));
  return `${Math.floor(inHours / 24)} d ${two(inHours % 24)} h`;
}

const two = (n: number): string => String(n).padStart(2, '0');
const count = (n: number): string => n.toLocaleString('en');
const round = (n: number): string => String(Math.round(n * 10) / 10);
const percent = (share: number): string => `${round(share * 100)}%`;
