import { startAzurite } from '../../../infra/local/azurite.ts';
import { seconds } from '../../../shared/domain/time.ts';
import { dispatchHeartbeat, pollHeartbeat } from '../../../shared/use-cases/run-tick.ts';
import { createVirtualClock, type VirtualClock } from '../../world/virtual-clock.ts';
import { START } from '../../world/world.ts';
import { median, type Report } from '../figures.ts';
import { prepareTicks, type TickBench } from './tick-bench.ts';
import { azuriteState, type TickState, twinState } from './tick-state.ts';

const TICKS = { dispatch: dispatchHeartbeat, poll: pollHeartbeat } as const;
type Tick = keyof typeof TICKS;

/** What a tick took: `ms` is its own time on twins, transactions are those that Azurite saw. */
interface Cost {
  ms: number;
  transactions: number;
  defenderCalls: number;
}

type Costs = Record<Tick, Cost[]>;

const ROUNDS = 5;

/** Cost of one dispatch and one poll heartbeat: it may grow with what is in flight, never with what has ended. */
export async function run(report: Report, { quick }: { quick: boolean }): Promise<void> {
  const [many, history] = quick ? [500, 2_000] : [10_000, 200_000];
  const levels = { open: [0, 25, many], ended: [0, many, history] };
  const rows = rowsOf(report);
  const onTwins = (open: number, ended: number) => {
    const clock = createVirtualClock(START);
    return costsOver(twinState(clock), clock, { open: [open], ended });
  };
  // The first ones are slow, whatever they measure: the code is compiled while it runs.
  for (const open of levels.open) await onTwins(open, 0);
  for (const ended of levels.ended)
    for (const open of levels.open) {
      const costs = await onTwins(open, ended);
      rows(ended, costs, [
        ['ms', (c) => c.ms, 'ms'],
        ['defender-calls', (c) => c.defenderCalls, 'count'],
      ]);
    }
  const azurite = await startAzurite();
  try {
    for (const ended of levels.ended) {
      // One history for all: Azurite takes minutes to store it.
      const costs = await costsOver(await azuriteState(azurite), createVirtualClock(START), { ...levels, ended });
      rows(ended, costs, [['transactions', (c) => c.transactions, 'count']]);
    }
  } finally {
    await azurite.stop();
  }
}

/** Reports medians, against those over no history. */
function rowsOf(report: Report) {
  const without = new Map<string, number>();
  return (
    ended: number,
    costs: Map<number, Costs>,
    figures: [name: string, of: (cost: Cost) => number, unit: string][],
  ): void => {
    for (const [open, of] of costs)
      for (const tick of ['dispatch', 'poll'] as const)
        for (const [name, figureOf, unit] of figures) {
          const value = median(of[tick].map(figureOf));
          const figure = `${tick}-${name}`;
          const against = `open-${open}-ended-0`;
          if (ended === 0) without.set(`${open} ${figure}`, value);
          const base = ended === 0 ? undefined : without.get(`${open} ${figure}`);
          const ratio = base ? { against, ratio: value / base } : {};
          const scenario = `open-${open}-ended-${ended}`;
          report({ bench: 'tick', scenario, system: 'holdfast', figure, value, unit, ...ratio });
        }
  };
}

/** By how many tasks are open: one number after another. */
async function costsOver(
  state: TickState,
  clock: VirtualClock,
  { open, ended }: { open: readonly number[]; ended: number },
): Promise<Map<number, Costs>> {
  const bench = prepareTicks(state, clock, Math.max(...open));
  await bench.haveEnded(ended);
  const costs = new Map<number, Costs>();
  for (const tasks of open) {
    await bench.ask(tasks);
    costs.set(tasks, await measure(bench, state, clock));
  }
  return costs;
}

/** A poll half a minute after each dispatch, as the schedules have it. The first of each does not count. */
async function measure({ deps, defenderCalls }: TickBench, state: TickState, clock: VirtualClock): Promise<Costs> {
  const costs: Costs = { dispatch: [], poll: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const tick of ['dispatch', 'poll'] as const) {
      clock.moveTo(clock.now() + seconds(30));
      const before = { transactions: state.transactions(), calls: defenderCalls(), at: performance.now() };
      await TICKS[tick](deps);
      const ms = performance.now() - before.at;
      const transactions = state.transactions() - before.transactions;
      if (round > 0) costs[tick].push({ ms, transactions, defenderCalls: defenderCalls() - before.calls });
    }
  }
  return costs;
}
