import { mulberry32 } from '../../infra/local/simulated-tenant/model/random.ts';

export type HostName = 'first' | 'second';

/** Something bad that happens to the system. All durations in ms. */
export type Blow =
  /** `kill -9` of a host, which starts again at once */
  | { kind: 'kill'; host: HostName }
  /** SIGSTOP and, later, SIGCONT: it goes on with what it knew */
  | { kind: 'pause'; host: HostName; forMs: number }
  /** SIGINT of the storage and its start on the same files */
  | { kind: 'stopStorage' }
  /** SIGSTOP and SIGCONT of the storage: connections stand, nothing answers */
  | { kind: 'freezeStorage'; forMs: number }
  /** every connection of a host breaks at once */
  | { kind: 'cut'; host: HostName }
  /** and none can be made for a while */
  | { kind: 'refuse'; host: HostName; forMs: number }
  /** every piece of data of a host comes late */
  | { kind: 'slow'; host: HostName; forMs: number; byMs: number };

export type Planned = Blow & { atMs: number };

export interface PlanSize {
  kills: number;
  pauses: number;
  stops: number;
  /** Length of the storm, in ms. */
  lengthMs: number;
}

/** Longer than any lease: claims, messages and timers are held for at most 30 s. */
const PAUSE_MS = { least: 33_000, most: 45_000 };
/** One pause outlasts the proof that a submit was never made, too (90 s). */
const LONG_PAUSE_MS = 100_000;
const FREEZES = 4;
const LINE_FAULTS = 12;

/** The storm of a seed: the same seed plans the same one, in order of time. */
export function planStorm(size: PlanSize, seed: number): Planned[] {
  const random = mulberry32(seed);
  const between = (least: number, most: number) => Math.round(least + (most - least) * random());
  const anyHost = (): HostName => (random() < 0.5 ? 'first' : 'second');
  /** One instant in each of `count` equal parts of the storm, so that they do not bunch. */
  const spread = (count: number, make: (place: number) => Blow): Planned[] =>
    Array.from({ length: count }, (_, place) => ({
      ...make(place),
      atMs: Math.round(((place + 0.1 + 0.8 * random()) * size.lengthMs) / count),
    }));
  const all = [
    ...Array.from({ length: size.kills }, (): Planned => {
      return { kind: 'kill', host: anyHost(), atMs: between(0, size.lengthMs) };
    }),
    ...spread(size.pauses, (place) => {
      const forMs = place === 1 ? LONG_PAUSE_MS : between(PAUSE_MS.least, PAUSE_MS.most);
      return { kind: 'pause', host: anyHost(), forMs };
    }),
    ...spread(size.stops, () => ({ kind: 'stopStorage' })),
    ...spread(FREEZES, () => ({ kind: 'freezeStorage', forMs: between(4_000, 12_000) })),
    ...spread(LINE_FAULTS, (place) => lineFault(place, anyHost(), between)),
  ];
  return all.sort((a, b) => a.atMs - b.atMs);
}

function lineFault(place: number, host: HostName, between: (least: number, most: number) => number): Blow {
  if (place % 3 === 0) return { kind: 'cut', host };
  if (place % 3 === 1) return { kind: 'refuse', host, forMs: between(3_000, 10_000) };
  return { kind: 'slow', host, forMs: between(10_000, 20_000), byMs: between(50, 400) };
}
