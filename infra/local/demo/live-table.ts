import type { styleText } from 'node:util';
import { isFinal, type TaskState } from '../../../shared/domain/task.ts';
import type { DeviceRow } from './device-row.ts';

export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

const BAR_CELLS = 16;
const NAME_CELLS = 12;
const STATE_CELLS = 10;

const COLOURS: Readonly<Record<TaskState, Parameters<Paint>[0]>> = {
  queued: 'gray',
  parked: 'magenta',
  submitting: 'cyan',
  pending: 'cyan',
  running: 'blue',
  archiving: 'blue',
  archived: 'green',
  partial: 'yellow',
  failed: 'red',
  cancelled: 'red',
  expired: 'red',
};

/** The table as it stands, for a terminal of so many columns: one line per device, never broken. */
export function tableText(rows: readonly DeviceRow[], columns: number, paint: Paint): string {
  return rows.map((row) => rowText(row, columns, paint)).join('\n');
}

/** How far all of it is. */
export function footerText(rows: readonly DeviceRow[], seconds: number): string {
  return `${rows.filter(({ state }) => isFinal(state)).length} of ${rows.length} ended, ${seconds} s`;
}

function rowText({ name, state, progress, detail }: DeviceRow, columns: number, paint: Paint): string {
  const filled = Math.round(progress * BAR_CELLS);
  const bar = `${paint(COLOURS[state], '█'.repeat(filled))}${paint('gray', '░'.repeat(BAR_CELLS - filled))}`;
  const room = columns - 1 - (2 + NAME_CELLS + 1 + BAR_CELLS + 1 + STATE_CELLS + 1);
  return `  ${fitted(name, NAME_CELLS)} ${bar} ${paint(COLOURS[state], fitted(state, STATE_CELLS))} ${cut(detail, room)}`;
}

const fitted = (text: string, cells: number): string => cut(text, cells).padEnd(cells);

function cut(text: string, cells: number): string {
  if (text.length <= cells) return text;
  return cells < 1 ? '' : `${text.slice(0, cells - 1)}…`;
}

/**
 * Lines for an output that is no terminal: one for each device whose state is not what it was at the last look.
 * @param seen state by device; updated
 */
export function changedLines(rows: readonly DeviceRow[], seen: Map<string, TaskState>): string[] {
  return rows.flatMap(({ name, state, detail }) => {
    if (seen.get(name) === state) return [];
    seen.set(name, state);
    return [`${name.padEnd(NAME_CELLS)} ${state.padEnd(STATE_CELLS)} ${detail}`.trimEnd()];
  });
}
