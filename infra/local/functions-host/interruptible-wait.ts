import { setTimeout as pause } from 'node:timers/promises';

/** Waits, or returns at once when the signal comes. Never throws. */
export async function interruptibleWait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch {
    // aborted: the caller looks at the signal
  }
}
