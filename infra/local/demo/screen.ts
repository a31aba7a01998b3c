import process from 'node:process';
import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import type { TaskState } from '../../../shared/domain/task.ts';
import type { DeviceRow } from './device-row.ts';
import { changedLines, footerText, type Paint, tableText } from './live-table.ts';

/** Where the demo is watched: a table that changes in place on a terminal, lines elsewhere. */
export interface Screen {
  columns(): number;
  say(text: string): void;
  show(rows: readonly DeviceRow[]): void;
  /** Leaves the table as it stands. */
  done(): void;
}

/** A terminal with fewer cannot hold the table, and what has scrolled away cannot be changed. */
const TABLE_ROWS = 14;

/** Leaves colours out where the output cannot show them. */
export const paint: Paint = (format, text) => styleText(format, text, { stream: process.stdout });

export function openScreen(startedAt: number): Screen {
  const live = process.stdout.isTTY && !process.env.CI && process.stdout.rows >= TABLE_ROWS;
  return live ? liveScreen(startedAt) : plainScreen(startedAt);
}

const columns = (): number => process.stdout.columns || 80;

function liveScreen(startedAt: number): Screen {
  const update = createLogUpdate(process.stdout);
  let open = false;
  return {
    columns,
    say(text) {
      if (open) update.persist(text);
      else process.stdout.write(`${text}\n`);
    },
    show(rows) {
      open = true;
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      update(`\n${tableText(rows, columns(), paint)}\n\n  ${paint('gray', footerText(rows, seconds))}`);
    },
    done() {
      if (open) update.done();
      open = false;
    },
  };
}

function plainScreen(startedAt: number): Screen {
  const seen = new Map<string, TaskState>();
  return {
    columns,
    say: (text) => {
      process.stdout.write(`${text}\n`);
    },
    show(rows) {
      const at = ((Date.now() - startedAt) / 1_000).toFixed(1).padStart(5);
      for (const line of changedLines(rows, seen)) process.stdout.write(`  ${at} s  ${line}\n`);
    },
    done: () => undefined,
  };
}
