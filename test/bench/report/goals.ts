import { figureOf, type Measurements, type Wanted } from './measurements.ts';

/** What a figure should be. */
export interface Goal extends Wanted {
  /** What is compared: the median, its ratio to what it is measured against, or the worst of all seeds. */
  of: 'value' | 'ratio' | 'most';
  atMost?: number;
  atLeast?: number;
  unit: string;
  /** For people; the reasons of what is not reached are found by it. */
  text: string;
}

export interface JudgedGoal extends Goal {
  /** Absent: not measured. */
  measured?: number;
  reached: boolean;
}

export function judged(goals: readonly Goal[], measurements: Measurements): JudgedGoal[] {
  return goals.map((goal) => {
    const measured = numberOf(figureOf(measurements, goal)?.[goal.of]);
    if (measured === undefined) return { ...goal, reached: false };
    const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY } = goal;
    return { ...goal, measured, reached: measured <= atMost && measured >= atLeast };
  });
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

const fleet = (scenario: string, figure: string, text: string, more: Partial<Goal>): Goal => ({
  bench: 'fleet',
  scenario,
  figure,
  of: 'value',
  unit: '',
  text: `\`${scenario}\`${more.hints ? ' with hints' : ''}: ${text}`,
  ...more,
});

const awake = (scenario: string): Goal[] => [
  fleet(scenario, 'makespan', 'makespan against the ideal', { of: 'ratio', atMost: 1.015 }),
  fleet(scenario, 'calls-per-task', 'submits for each task', { endpoint: 'runLiveResponse', atMost: 1 }),
  fleet(scenario, 'calls-per-task', 'links for each artifact', { endpoint: 'getResultLink', atMost: 1 }),
  fleet(scenario, 'calls-per-task', 'other Defender calls for each task', { endpoint: 'other', atMost: 1.3 }),
];

const evidence = (scenario: string, hours: number, atLeast: number, more: Partial<Goal> = {}): Goal =>
  fleet(scenario, `evidence-${hours}h`, `evidence after ${hours} h against the oracle`, {
    of: 'ratio',
    atLeast,
    ...more,
  });

const probes = (scenario: string): Goal =>
  fleet(scenario, 'probes-per-sleeper-day', 'probes for each sleeper and day', { atMost: 13.5 });

const archive = (scenario: string): Goal[] => [
  {
    bench: 'archive',
    scenario,
    figure: 'rate',
    of: 'ratio',
    atLeast: 0.9,
    unit: '',
    text: `Archiving \`${scenario}\` by streaming: rate against a plain copy`,
  },
  {
    bench: 'archive',
    scenario,
    figure: 'peak-rss',
    of: 'value',
    atMost: (256 * 1024 ** 2) / 1e6,
    unit: 'MB',
    text: `Archiving \`${scenario}\` by streaming: memory`,
  },
];

const intake = (targets: number): Goal[] =>
  [
    { figure: 'storage-round-trips', of: 'value' as const, atMost: 4, what: 'storage round trips' },
    { figure: 'p99', of: 'ratio' as const, atMost: 3, what: 'p99 against the bare writes, 32 in flight' },
  ].map(({ what, ...goal }) => ({
    bench: 'intake',
    scenario: `targets-${targets}-in-flight-32`,
    unit: '',
    text: `Accepting ${targets === 1 ? 'one target' : `${targets} targets`}: ${what}`,
    ...goal,
  }));

const flat = (tick: 'dispatch' | 'poll'): Goal => ({
  bench: 'tick',
  scenario: 'open-25-ended-200000',
  figure: `${tick}-ms`,
  of: 'ratio',
  atMost: 1.2,
  unit: '',
  text: `A ${tick} tick over 200,000 ended tasks against none`,
});

/** What is to be reached, in the order in which it is told. */
export const GOALS: readonly Goal[] = [
  ...['awake-200', 'awake-1000', 'awake-10000'].flatMap(awake),
  evidence('office-500', 1, 0.81),
  evidence('office-500', 8, 0.99),
  evidence('office-500', 72, 0.998),
  fleet('office-500', 'sleeper-slot-time', 'slot time of a sleeper while an awake device waits, in probes', {
    atMost: 1.1,
  }),
  probes('office-500'),
  evidence('laptops-2000', 6, 0.63),
  evidence('laptops-2000', 24, 0.925),
  evidence('laptops-2000', 168, 0.999),
  probes('laptops-2000'),
  evidence('laptops-2000', 6, 0.78, { hints: true }),
  evidence('laptops-2000', 24, 0.96, { hints: true }),
  fleet('urgent-in-bulk', 'accept-to-submit-p99', 'from the request to the submit, p99', { atMost: 20, unit: 's' }),
  fleet('urgent-in-bulk', 'accept-to-submit-p50', 'from the request to the submit, p50', { atMost: 8, unit: 's' }),
  fleet('urgent-in-bulk', 'makespan', 'makespan of all against the ideal', { of: 'ratio', atMost: 1.02 }),
  fleet('hostile', 'evidence-lost', 'devices whose evidence is lost, in the worst seed', { of: 'most', atMost: 0 }),
  fleet('hostile', 'runs-twice', 'devices on which commands ran twice, in the worst seed', { of: 'most', atMost: 0 }),
  fleet('hostile', 'limits-broken', 'limits broken, in the worst seed', { of: 'most', atMost: 0 }),
  fleet('hostile', 'makespan', 'makespan against the ideal with 21 sessions', { of: 'ratio', atMost: 1.1 }),
  fleet('storm', 'actions-per-device', 'actions for each device', { atMost: 1 }),
  fleet('idle-hour', 'executions', 'executions', { atMost: 125 }),
  fleet('idle-hour', 'defender-calls', 'Defender calls', { atMost: 0 }),
  fleet('all-of-20-seeds', 'wall-time', 'time to measure all fleets', { atMost: 600, unit: 's' }),
  ...archive('64MiB-x8'),
  ...archive('1GiB-x1'),
  ...intake(1),
  ...intake(100),
  flat('dispatch'),
  flat('poll'),
  {
    bench: 'tick',
    scenario: 'open-10000-ended-0',
    figure: 'dispatch-ms',
    of: 'value',
    atMost: 2000,
    unit: 'ms',
    text: 'A dispatch tick with 10,000 open tasks',
  },
  {
    bench: 'cold',
    scenario: 'load',
    figure: 'load',
    of: 'ratio',
    atMost: 0.5,
    unit: '',
    text: 'Loading the bundle against loading the sources',
  },
];
