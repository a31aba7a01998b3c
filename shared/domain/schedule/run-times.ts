import type { Command } from '../request/collection-request.ts';

/**
 * How long runs take, learned for each kind of run and for each platform on which it ran: a script of seconds and a memory
 * dump of half an hour wait in one queue. Estimates alone: without them everything goes in the order of turns.
 */
export type RunTimes = Readonly<Record<string, RunTime>>;

interface RunTime {
  /** A mean in which the latest count most, in ms. */
  ms: number;
  /** How many were seen, up to `REMEMBERED`. */
  seen: number;
}

/** What kind of run an attempt is, and on what it runs; absent where nobody told. */
export interface KindOfRun {
  /** Digest of what it does, whatever the arguments. */
  kind?: string;
  /** `osPlatform` of the device, as Defender's machine list tells it. */
  platform?: string;
}

/**
 * What a run does, as one text: scripts and files that are put by name, files that are read by their kind alone, for their names
 * tell of the case; whatever the arguments of the scripts.
 */
export const kindText = (commands: readonly Command[]): string => JSON.stringify(commands.map(whatItDoes));

function whatItDoes(command: Command): string {
  switch (command.type) {
    case 'PutFile':
      return `PutFile ${command.fileName}`;
    case 'RunScript':
      return `RunScript ${command.scriptName}`;
    case 'GetFile':
      return `GetFile ${/\.[^.\\/]*$/.exec(command.path)?.[0].toLowerCase() ?? ''}`;
  }
}

/** Kinds on platforms that are remembered; beyond, those are forgotten that were not seen for longest. Ours. */
const MOST_KINDS = 60;
/** From so many on, each new one counts as one of so many. Ours. */
const REMEMBERED = 10;
/** Fewer teach nothing. Ours. */
const ENOUGH = 3;

const keyOf = (kind: string, platform = ''): string => `${kind}|${platform}`;

export function withRunTime(times: RunTimes, { kind, platform }: KindOfRun, ms: number): RunTimes {
  if (kind === undefined) return times;
  const keys = new Set([keyOf(kind), keyOf(kind, platform)]);
  const others = Object.entries(times).filter(([key]) => !keys.has(key));
  const seenNow = [...keys].map((key) => [key, moved(times[key], ms)] as const);
  return Object.fromEntries([...others, ...seenNow].slice(-MOST_KINDS));
}

function moved({ ms: mean, seen: before }: RunTime = { ms: 0, seen: 0 }, ms: number): RunTime {
  const seen = Math.min(REMEMBERED, before + 1);
  return { ms: Math.round(mean + (ms - mean) / seen), seen };
}

/** How long a run of this kind is expected to take, in ms: on its platform, else on all; `undefined`: too few were seen. */
export function expectedRunMs(times: RunTimes, { kind, platform }: KindOfRun): number | undefined {
  if (kind === undefined) return undefined;
  const known = [times[keyOf(kind, platform)], times[keyOf(kind)]];
  return known.find((time) => time !== undefined && time.seen >= ENOUGH)?.ms;
}
