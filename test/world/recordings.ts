import type { EpochMs } from '../../shared/domain/time.ts';
import type { CallbackSender, Clock, Log } from '../../shared/ports.ts';

export interface LogEntry {
  at: EpochMs;
  level: 'info' | 'warn' | 'error';
  event: string;
  fields: Record<string, unknown>;
}

export interface RecordingLog extends Log {
  readonly entries: readonly LogEntry[];
}

export function createRecordingLog(clock: Clock): RecordingLog {
  const entries: LogEntry[] = [];
  const at =
    (level: LogEntry['level']) =>
    (event: string, fields: Record<string, unknown> = {}) => {
      entries.push({ at: clock.now(), level, event, fields });
    };
  return { entries, info: at('info'), warn: at('warn'), error: at('error') };
}

export interface SentCallback {
  at: EpochMs;
  url: string;
  body: Record<string, unknown>;
}

export interface RecordingCallbacks extends CallbackSender {
  readonly sent: readonly SentCallback[];
  /** HTTP statuses of the answers to come, in order; after them 200. `undefined`: no answer at all. */
  answerWith(...statuses: (number | undefined)[]): void;
}

export function createRecordingCallbacks(clock: Clock): RecordingCallbacks {
  const sent: SentCallback[] = [];
  let answers: (number | undefined)[] = [];
  return {
    sent,
    answerWith: (...statuses) => {
      answers = statuses;
    },
    post: async (url, body) => {
      sent.push({ at: clock.now(), url, body: body as Record<string, unknown> });
      const httpStatus = answers.length > 0 ? answers.shift() : 200;
      return httpStatus === undefined ? { message: 'ECONNRESET' } : { httpStatus };
    },
  };
}
