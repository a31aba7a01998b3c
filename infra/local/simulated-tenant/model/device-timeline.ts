/** When a device is awake, and when a run that waits for it begins. Pure: instants in, instants out. */

/** How a scenario describes a device's days; all in simulated ms from the moment at which the device was added. */
export type AwakeSpec =
  | 'always'
  | 'never'
  | { asleepForMs: number }
  | { firstWakeMs: number; awakeMs: number; asleepMs: number }
  | { spells: readonly { fromMs: number; toMs: number }[] };

/** A time awake, epoch ms, `to` not included (and perhaps Infinity). */
export interface AwakeSpell {
  from: number;
  to: number;
}

/** Gives the spell that holds `at`, else the next one after it, else nothing. */
export type AwakePattern = (at: number) => AwakeSpell | undefined;

/**
 * @param addedAt epoch ms from which the description counts
 * @param timeScale how many simulated ms pass in a real one
 */
export function awakePattern(spec: AwakeSpec, addedAt: number, timeScale: number): AwakePattern {
  const instantOf = (ms: number) => addedAt + ms / timeScale;
  if (spec === 'always') return () => ({ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY });
  if (spec === 'never') return () => undefined;
  if ('asleepForMs' in spec) return awakeFrom(instantOf(spec.asleepForMs));
  if ('firstWakeMs' in spec) {
    const first = instantOf(spec.firstWakeMs);
    const awake = spec.awakeMs / timeScale;
    const period = awake + spec.asleepMs / timeScale;
    return (at) => {
      if (at < first) return { from: first, to: first + awake };
      const round = Math.floor((at - first) / period);
      const from = first + round * period;
      return at < from + awake ? { from, to: from + awake } : { from: from + period, to: from + period + awake };
    };
  }
  const spells = spec.spells.map((spell) => ({ from: instantOf(spell.fromMs), to: instantOf(spell.toMs) }));
  spells.sort((a, b) => a.from - b.from);
  return (at) => {
    // Binary search: a week of random spells is long and asked about often.
    let low = 0;
    let high = spells.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((spells[middle]?.to ?? Number.POSITIVE_INFINITY) > at) high = middle;
      else low = middle + 1;
    }
    return spells[low];
  };
}

/** Awake from an instant on, for good. */
export function awakeFrom(from: number): AwakePattern {
  return () => ({ from, to: Number.POSITIVE_INFINITY });
}

export function isAwake(pattern: AwakePattern, at: number): boolean {
  const spell = pattern(at);
  return spell !== undefined && spell.from <= at;
}

/** Beyond this many spells too short to begin in, a device counts as never ready. */
const MOST_SPELLS = 10_000;

/**
 * When a run begins: once the device has been awake for `startDelay` ms without a break, counted from the later of
 * the submit and its waking; falling asleep before that restarts the count.
 * @returns epoch ms, or Infinity if it never does before `until`
 */
export function runStart(pattern: AwakePattern, submittedAt: number, startDelay: number, until: number): number {
  let from = submittedAt;
  for (let tried = 0; tried < MOST_SPELLS && from <= until; tried++) {
    const spell = pattern(from);
    if (spell === undefined) break;
    const start = Math.max(from, spell.from) + startDelay;
    if (start <= spell.to) return start;
    from = spell.to;
  }
  return Number.POSITIVE_INFINITY;
}
