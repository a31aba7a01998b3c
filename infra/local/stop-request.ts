import process from 'node:process';

/** npm and the shells between pass on the signal that the terminal has already given to everyone. */
const SAME_REQUEST_MS = 1_000;

/**
 * Calls `end` once when Ctrl-C, SIGTERM or the end of the parent asks this process to stop. Ctrl-C a second time
 * ends it at once; the copies of one signal that a chain of parents sends do not count as a second time.
 */
export function onStopRequest(end: () => Promise<void>): void {
  let askedAt: number | undefined;
  const request = (signal: NodeJS.Signals) => {
    const now = Date.now();
    if (askedAt === undefined) {
      askedAt = now;
      void end();
    } else if (signal === 'SIGINT' && now - askedAt > SAME_REQUEST_MS) {
      process.exit(130);
    }
  };
  process.on('SIGINT', request);
  process.on('SIGTERM', request);
  process.on('SIGHUP', request);
}
