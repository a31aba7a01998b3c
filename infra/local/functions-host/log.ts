import type { WriteStream } from 'node:tty';

export type AppLogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

export interface LogEntry {
  level: AppLogLevel;
  message: string;
  /** name of the function that the line belongs to */
  function?: string;
  invocationId?: string;
}

export type Log = (entry: LogEntry) => void;

const LEVELS: AppLogLevel[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

/** One line per entry: for people on a terminal, JSON for anything else. */
export function logTo(stream: WriteStream | NodeJS.WritableStream, minimum: AppLogLevel = 'information'): Log {
  const format = 'isTTY' in stream && stream.isTTY ? forPeople : forPrograms;
  return (entry) => {
    if (LEVELS.indexOf(entry.level) >= LEVELS.indexOf(minimum)) stream.write(`${format(entry)}\n`);
  };
}

function forPeople(entry: LogEntry): string {
  const time = new Date().toISOString().slice(11, 23);
  const from = entry.function === undefined ? '' : `${entry.function}: `;
  return `${time} ${entry.level.padEnd(11)} ${from}${entry.message}`;
}

function forPrograms(entry: LogEntry): string {
  return JSON.stringify({ time: new Date().toISOString(), ...entry });
}

/** What to log of a thing that was thrown: the stack, which begins with the message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return withoutQueries(error.stack ?? error.message);
}

/** The text with the query of every address cut off: signatures and tokens travel there. */
export function withoutQueries(text: string): string {
  return text.replace(/(\bhttps?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1?…');
}
