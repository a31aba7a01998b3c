import type { JudgedGoal } from './goals.ts';

/** Why goals are not reached, as people wrote it: a heading for each goal, worded as the goal is, and what is said of it. */
export function readReasons(markdown: string): ReadonlyMap<string, string> {
  const parts = markdown.split(/^## /m).slice(1);
  return new Map(
    parts.map((part) => {
      const [heading = '', ...said] = part.split('\n');
      return [heading.trim(), said.join('\n').trim()];
    }),
  );
}

/** What was measured and is not reached, with its reason, or with the plain word that nobody has given one. */
export function unreached(goals: readonly JudgedGoal[], reasons: ReadonlyMap<string, string>): string {
  const missed = goals.filter(({ measured, reached }) => measured !== undefined && !reached);
  if (missed.length === 0) return 'Everything that was measured is reached.';
  return missed
    .map(({ text }) => `- **${text}.** ${reasons.get(text) ?? 'Nobody has written down why yet.'}`)
    .join('\n');
}
