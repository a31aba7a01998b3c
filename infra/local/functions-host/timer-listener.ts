import type { InvocationRequest } from './functions-core.ts';
import { interruptibleWait } from './interruptible-wait.ts';
import { describeError, type Log } from './log.ts';
import type { SingletonLock } from './singleton-lock.ts';
import type { TimerSchedule } from './timer-schedule.ts';
import type { TimerStatus, TimerStatusStore } from './timer-status.ts';

export interface TimerFunction {
  name: string;
  bindingName: string;
  schedule: TimerSchedule;
  runOnStartup: boolean;
  /** `useMonitor` of the binding: remember when it ran, so that what was missed is caught up once */
  useMonitor: boolean;
  invoke(request: InvocationRequest): Promise<void>;
}

export interface TimerListener {
  stopTaking(): void;
  /** resolves when no run is going on and the lock is free for others */
  idle(): Promise<void>;
}

/** How often a host that does not hold the timer asks for it. */
const ASK_AGAIN_MS = 2_000;

/** As in the Functions host, more frequent schedules are not remembered: the next occurrence is near anyway. */
const MONITORED_INTERVAL_MS = 60_000;

/** Timers of Node cannot wait longer than 24 days. */
const LONGEST_WAIT_MS = 3_600_000;

/** Runs a timer function at its occurrences while this process holds the timer's lock. Occurrences never overlap. */
export function startTimerListener(
  fn: TimerFunction,
  lock: SingletonLock,
  status: TimerStatusStore,
  log: Log,
): TimerListener {
  const stop = new AbortController();
  const monitored = fn.useMonitor && fn.schedule.shortestIntervalMs(Date.now()) >= MONITORED_INTERVAL_MS;
  let first = true;

  const whileHeld = async (signal: AbortSignal) => {
    let known = monitored ? await status.load() : undefined;
    if (first && fn.runOnStartup) await run(fn, known, false);
    first = false;
    let due = dueAfter(fn.schedule, known, Date.now());
    if (monitored && known === undefined) await status.save({ nextAt: due, updatedAt: Date.now() });
    while (!signal.aborted) {
      const late = await untilDue(due, signal);
      if (signal.aborted) return;
      await run(fn, known, late);
      // what came due while it ran is not made up for
      const nextAt = fn.schedule.next(Math.max(due, Date.now()));
      known = { lastAt: due, nextAt, updatedAt: Date.now() };
      if (monitored) await status.save(known);
      due = nextAt;
    }
  };

  const loop = async () => {
    let silent = false;
    while (!stop.signal.aborted) {
      try {
        const held = await lock.tryHold();
        silent = false;
        if (held !== undefined) {
          try {
            await whileHeld(AbortSignal.any([stop.signal, held.lost]));
          } finally {
            await held.release();
          }
        }
      } catch (error) {
        if (!silent) log({ level: 'warning', function: fn.name, message: `Timer: ${describeError(error)}` });
        silent = true; // one line for each outage
      }
      await interruptibleWait(ASK_AGAIN_MS, stop.signal);
    }
  };
  const looping = loop();
  return { stopTaking: () => stop.abort(), idle: () => looping };
}

/** The first occurrence after the last one that ran; it lies in the past when the host was away. */
function dueAfter(schedule: TimerSchedule, known: TimerStatus | undefined, now: number): number {
  return schedule.next(known === undefined ? now : (known.lastAt ?? known.updatedAt));
}

/** @returns whether the occurrence was missed, as opposed to waited for */
async function untilDue(due: number, signal: AbortSignal): Promise<boolean> {
  const late = due < Date.now();
  while (Date.now() < due && !signal.aborted)
    await interruptibleWait(Math.min(due - Date.now(), LONGEST_WAIT_MS), signal);
  return late;
}

async function run(fn: TimerFunction, status: TimerStatus | undefined, isPastDue: boolean): Promise<void> {
  const iso = (at: number | undefined) => new Date(at ?? 0).toISOString();
  const data = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus:
      status === undefined
        ? null
        : { Last: iso(status.lastAt), Next: iso(status.nextAt), LastUpdated: iso(status.updatedAt) },
    IsPastDue: isPastDue,
  };
  try {
    await fn.invoke({
      inputData: [{ name: fn.bindingName, data: { json: JSON.stringify(data) } }],
      triggerMetadata: {},
    });
  } catch {
    // the invoker has logged it; a timer is not retried before its next occurrence
  }
}
