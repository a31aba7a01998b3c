import { readFileSync } from 'node:fs';
import { startAzurite } from '../../../infra/local/azurite.ts';
import { hours, minutes } from '../../../shared/domain/time.ts';
import { createWorld } from '../../world/world.ts';
import type { BenchOptions } from '../family.ts';
import type { Report } from '../figures.ts';
import { drawAwake } from '../fleet/draws/draw-fleets.ts';
import { deviceInputs } from '../fleet/draws/drawn-device.ts';
import { azuriteState } from '../tick/tick-state.ts';
import { CURRENCY, HOURS_PER_MONTH, moneyOf } from './prices.ts';
import { type Counts, countingRows, countsOf, difference } from './usage.ts';

const DEVICES = 200;
const QUICK_DEVICES = 25;
const IDLE_HOURS = 4;

/** What one archived task and an idle hour cost: tables on Azurite, every transaction counted; money by a list of prices. */
export async function run(report: Report, { quick }: BenchOptions): Promise<void> {
  const devices = quick ? QUICK_DEVICES : DEVICES;
  const { busy, idle } = await countAll(devices);
  const line = { bench: 'cost', system: 'holdfast' };
  const perTask = eachOf(busy, devices);
  const perHour = eachOf(idle, IDLE_HOURS);
  for (const [scenario, counts, unit] of [
    [`awake-${devices}`, perTask, '1/task'],
    ['idle-hour', perHour, '1/h'],
  ] as const)
    for (const [figure, value] of Object.entries(counts))
      report({ ...line, scenario, figure: FIGURES[figure as keyof Counts], value, unit });
  const money = { unit: CURRENCY };
  report({
    ...line,
    scenario: `awake-${devices}`,
    figure: 'money-per-1000-tasks',
    value: 1000 * moneyOf(perTask),
    ...money,
  });
  const polls = hostPollsPerHour();
  report({ ...line, scenario: 'idle-hour', figure: 'queue-polls-of-the-host', value: polls, unit: '1/h' });
  const month = moneyOf({ ...perHour, queueOperations: perHour.queueOperations + polls }) * HOURS_PER_MONTH;
  report({ ...line, scenario: 'idle-hour', figure: 'money-per-idle-month', value: month, ...money });
}

const FIGURES: Record<keyof Counts, string> = {
  executions: 'executions',
  tableTransactions: 'table-transactions',
  rowsWritten: 'table-rows-written',
  queueOperations: 'queue-operations',
  blobOperations: 'blob-operations',
  defenderCalls: 'defender-calls',
};

async function countAll(count: number): Promise<{ busy: Counts; idle: Counts }> {
  const azurite = await startAzurite();
  try {
    const devices = deviceInputs(drawAwake(count, 1));
    const state = await azuriteState(azurite);
    const counted = countingRows(state);
    const world = createWorld({ devices, tables: counted.tables, settings: { sessionsReserved: 0 } });
    const before = countsOf(world, state, counted);
    await world.ask({ devices });
    // seen by its manifest: looking into the tables would count
    const isClosed = () => world.evidence.names().some((name) => name.endsWith('/manifest.json'));
    await world.runUntil(isClosed, { atMost: hours(24) });
    await world.run(minutes(1));
    const after = countsOf(world, state, counted);
    await world.run(hours(1));
    const restsAt = countsOf(world, state, counted);
    await world.run(hours(IDLE_HOURS));
    return { busy: difference(after, before), idle: difference(countsOf(world, state, counted), restsAt) };
  } finally {
    await azurite.stop();
  }
}

const eachOf = (counts: Counts, parts: number): Counts => ({
  executions: counts.executions / parts,
  tableTransactions: counts.tableTransactions / parts,
  rowsWritten: counts.rowsWritten / parts,
  queueOperations: counts.queueOperations / parts,
  blobOperations: counts.blobOperations / parts,
  defenderCalls: counts.defenderCalls / parts,
});

/** Queues of the app: each is asked for messages so often while there are none, by every instance that runs. */
const QUEUES = 4;

/** Reckoned, not counted: one instance that is kept running by its heartbeats, at the longest interval of host.json. */
function hostPollsPerHour(): number {
  const host = JSON.parse(readFileSync(new URL('../../../host.json', import.meta.url), 'utf8'));
  const [h = 0, m = 0, s = 0] = String(host.extensions.queues.maxPollingInterval).split(':').map(Number);
  return (QUEUES * 3600) / (h * 3600 + m * 60 + s);
}
