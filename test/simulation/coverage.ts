import {
  ALL_STEPS,
  CALL_FAULTS,
  type CallFault,
  type IoStep,
  impossible,
  WORLD_FAULTS,
  type WorldFault,
} from './faults.ts';

/** How often each fault struck each step; plain, so that workers can send it. */
export interface Counts {
  calls: Record<string, number>;
  faults: Record<string, number>;
  world: Record<string, number>;
}

export const noCounts = (): Counts => ({ calls: {}, faults: {}, world: {} });

const add = (to: Record<string, number>, key: string, times = 1): void => {
  to[key] = (to[key] ?? 0) + times;
};

export const countCall = (counts: Counts, step: IoStep): void => add(counts.calls, step);
export const countFault = (counts: Counts, step: IoStep, fault: CallFault): void =>
  add(counts.faults, `${step} ${fault}`);
export const countWorld = (counts: Counts, fault: WorldFault, times = 1): void => add(counts.world, fault, times);

export function addCounts(total: Counts, more: Counts): void {
  for (const part of ['calls', 'faults', 'world'] as const)
    for (const [key, times] of Object.entries(more[part])) add(total[part], key, times);
}

/** Faults that should have struck somewhere and did not. */
export function uncovered(counts: Counts): string[] {
  const cells = ALL_STEPS.flatMap((step) =>
    CALL_FAULTS.filter((fault) => impossible(step, fault) === undefined && !counts.faults[`${step} ${fault}`]).map(
      (fault) => `${fault} at ${step}`,
    ),
  );
  return [...cells, ...WORLD_FAULTS.filter((fault) => !counts.world[fault])];
}

/** The table that a run prints: steps by faults, `-` where a fault is impossible, then the faults around the calls. */
export function coverageTable(counts: Counts): string {
  const head = ['step', 'calls', ...CALL_FAULTS];
  const rows = ALL_STEPS.map((step) => [
    step,
    short(counts.calls[step] ?? 0),
    ...CALL_FAULTS.map((fault) =>
      impossible(step, fault) === undefined ? short(counts.faults[`${step} ${fault}`] ?? 0) : '-',
    ),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  const world = WORLD_FAULTS.map((fault) => `${fault} ${short(counts.world[fault] ?? 0)}`).join(', ');
  return [line(head), ...rows.map(line), '', `around the calls: ${world}`].join('\n');
}

/** Why the cells with `-` are empty, each reason once. */
export function reasonsForGaps(): string[] {
  const byReason = new Map<string, Set<string>>();
  for (const step of ALL_STEPS) {
    for (const fault of CALL_FAULTS) {
      const reason = impossible(step, fault);
      if (reason) byReason.set(`${fault}: ${reason}`, (byReason.get(`${fault}: ${reason}`) ?? new Set()).add(step));
    }
  }
  return [...byReason.keys()];
}

const short = (n: number): string => {
  if (n < 10_000) return String(n);
  return n < 10_000_000 ? `${Math.round(n / 1000)}k` : `${Math.round(n / 1_000_000)}M`;
};
