import process from 'node:process';
import { createLogUpdate } from 'log-update';

/** Where the storm is watched: a line that changes in place on a terminal, a line every few seconds elsewhere. */
export interface Telling {
  say(line: string): void;
  close(): void;
}

const ON_TERMINAL_MS = 500;
const ELSEWHERE_MS = 5_000;

/** @param progress the line that tells how things stand */
export function tellProgress(progress: () => string): Telling {
  if (!process.stdout.isTTY || process.env.CI) {
    const say = (line: string) => void process.stdout.write(`${line}\n`);
    const timer = setInterval(() => say(progress()), ELSEWHERE_MS);
    return { say, close: () => clearInterval(timer) };
  }
  const update = createLogUpdate(process.stdout);
  const timer = setInterval(() => update(progress()), ON_TERMINAL_MS);
  return {
    say: (line) => update.persist(line),
    close() {
      clearInterval(timer);
      update.done();
    },
  };
}
