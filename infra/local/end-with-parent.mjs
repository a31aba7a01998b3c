/**
 * Preloaded (`node --import`) into every child process of the local system, so that none outlives its parent.
 * The parent keeps an IPC channel open; it closes when the parent asks for the end (`child.disconnect()`) and also
 * when the parent is killed. Signals would not do: Windows has none, and nobody sends one after `kill -9`.
 */
import process from 'node:process';

/** A child that does not end by itself within this time is not going to. */
const GRACE_MS = 15_000;

if (process.connected) {
  process.channel?.unref();
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    const signal = process.env.HOLDFAST_STOP_SIGNAL ?? 'SIGTERM';
    // emitting instead of killing runs the child's own handlers on every platform
    if (!process.emit(signal, signal)) process.exit(0);
  });
}
