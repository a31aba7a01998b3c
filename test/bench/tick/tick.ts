import { startAzurite } from '../../../infra/local/azurite.ts';
import { seconds } from '../../../shared/domain/time.ts';
import { dispatchHeartbeat, pollHeartbeat } from '../../../shared/use-cases/run-tick.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';
import { START } from '../../world/world.ts';
import { median, type Report } from '../figures.ts';
import { prepareTicks } from './tick-bench.ts';
import { azuriteState, type TickState, twinState } from './tick-state.ts';

const TICKS = { dispatch: dispatchHeartbeat, poll: pollHeartbeat } as const;
type Tick = keyof typeof TICKS;

/** What a tick took: `ms` is its own time on twins, transactions are those that Azurite saw. */
interface Cost {
  ms: number;
  transactions: number;
  defenderCalls: number;
}

const ROUNDS = 5;

/** Cost of one dispatch and one poll heartbeat: it may grow with what is in flight, never with what has ended. */
export async function run(report: Report, { quick }: { quick: boolean }): Promise<void> {
  const [many, history] = quick ? [500, 2_000] : [10_000, 200_000];
  const azurite = await startAzurite();
  try {
    for (const open of [0, 25, many]) {
      const without = new Map<string, number>();
      for (const ended of [0, many, history]) {
        const onTwins = await ticksOver((clock) => twinState(clock), { open, ended });
        const onAzurite = await ticksOver(() => azuriteState(azurite), { open, ended });
        for (const tick of ['dispatch', 'poll'] as const) {
          const figures = [
            ['ms', median(onTwins[tick].map((c) => c.ms)), 'ms'],
            ['transactions', median(onAzurite[tick].map((c) => c.transactions)), 'count'],
            ['defender-calls', median(onAzurite[tick].map((c) => c.defenderCalls)), 'count'],
          ] as const;
          for (const [name, value, unit] of figures) {
            const figure = `${tick}-${name}`;
            const base = without.get(figure);
            const ratio = base ? { against: `open-${open}-ended-0`, ratio: value / base } : {};
            if (ended === 0) without.set(figure, value);
            report({
              bench: 'tick',
              scenario: `open-${open}-ended-${ended}`,
              system: 'holdfast',
              figure,
              value,
              unit,
              ...ratio,
            });
          }
        }
      }
    }
  } finally {
    await azurite.stop();
  }
}

/** A poll half a minute after each dispatch, as the schedules have it. The first of each does not count. */
async function ticksOver(
  open: (clock: ReturnType<typeof createVirtualClock>) => TickState | Promise<TickState>,
  load: { open: number; ended: number },
): Promise<Record<Tick, Cost[]>> {
  const clock = createVirtualClock(START);
  const state = await open(clock);
  const { deps, defenderCalls } = await prepareTicks(state, clock, load);
  const costs: Record<Tick, Cost[]> = { dispatch: [], poll: [] };
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
