export interface Progress {
  show(done: number): void;
  /** The last line: how many in what time, and what came of them. */
  end(summary: string): void;
}

const BAR = 30;
const EVERY_MS = 200;
/** Where there is no terminal. */
const PLAIN_EVERY_MS = 30_000;

/** A bar in a terminal, a line now and then elsewhere. */
export function createProgress(what: string, all: number): Progress {
  const startedAt = performance.now();
  let shownAt = startedAt;
  let done = 0;
  const terminal = process.stdout.isTTY === true;
  const perSecond = () => Math.round((done / Math.max(1, performance.now() - startedAt)) * 1000);

  return {
    show(now) {
      done = now;
      if (performance.now() - shownAt < (terminal ? EVERY_MS : PLAIN_EVERY_MS)) return;
      shownAt = performance.now();
      const filled = Math.round((BAR * done) / all);
      const bar = terminal ? `\r${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ` : '';
      process.stdout.write(`${bar}${done}/${all} ${what}, ${perSecond()} a second${terminal ? '   ' : '\n'}`);
    },
    end(summary) {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      if (terminal) process.stdout.write('\r\x1b[K');
      console.log(`${done} ${what} in ${seconds} s, ${perSecond()} a second: ${summary}.`);
    },
  };
}
