import { type EpochMs, toIso } from '../../shared/domain/time.ts';

/** What happened, in words. Kept only when a seed is told again: telling costs more than running. */
export interface Story {
  readonly told: boolean;
  tell(who: string, what: () => string): void;
  lines(): string[];
}

/** Lines kept; a story has its point at its end. */
const MOST_LINES = 400;

export function createStory(now: () => EpochMs, told: boolean, everything = false): Story {
  let lines: string[] = [];
  return {
    told,
    tell(who, what) {
      if (!told) return;
      lines.push(`${toIso(now())} ${who.padEnd(14)} ${what()}`);
      if (!everything && lines.length > 2 * MOST_LINES) lines = lines.slice(-MOST_LINES);
    },
    lines: () => (everything ? lines : lines.slice(-MOST_LINES)),
  };
}
