import { toIso } from '../../domain/time.ts';
import type { Clock, Log } from '../../ports.ts';
import { redact } from './redact.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** Takes one finished line. */
export type LogSink = (level: LogLevel, line: string) => void;

/** Standard output for information, standard error for the rest. */
export const consoleSink: LogSink = (level, line) => {
  console[level](line);
};

/** The log of one invocation, so that the Functions host knows which invocation a line belongs to. */
export function contextSink(context: Record<LogLevel, (line: string) => void>): LogSink {
  return (level, line) => context[level](line);
}

/** The Log port as JSON lines: `{"at","level","event",...fields}`, secrets cut out. Never throws. */
export function createLog(sink: LogSink, clock: Clock): Log {
  const write =
    (level: LogLevel) =>
    (event: string, fields: Record<string, unknown> = {}): void =>
      sink(level, jsonLine({ at: toIso(clock.now()), level, event }, fields));
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

function jsonLine(head: { at: string; level: LogLevel; event: string }, fields: Record<string, unknown>): string {
  try {
    const safe = redact(fields);
    const body = typeof safe === 'object' ? safe : {};
    return JSON.stringify({ ...head, ...body, ...head }).replace(DISGUISES, escapeCharacter);
  } catch {
    return JSON.stringify({ ...head, unreadableFields: true });
  }
}

/** Characters that make a line look like another one: line separators and directions of writing. */
const DISGUISES = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
