import { asleepSeconds, type DrawnDevice, isAsleepAtStart } from '../draws/drawn-device.ts';
import type { FleetOutcome } from '../outcome.ts';

/** What sleeping devices cost (bench.md, "fleet"). */

/** What a sleeping device's session costs at the least: a try and its cancel, in seconds (bench.md). */
const PROBE_S = 120;
const DAY_S = 86_400;

/** Slot seconds on sleeping devices while a task of an awake device has never been submitted, in probes per sleeper. */
export function sleeperSlotTime({ fleet, actionsOf }: FleetOutcome): number {
  const sleepers = fleet.filter(isAsleepAtStart).length;
  const waits = merged(fleet.flatMap((device, place) => waitingAwake(device, actionsOf[place]?.[0]?.fromS)));
  let spentS = 0;
  fleet.forEach((device, place) => {
    for (const { fromS, toS } of actionsOf[place] ?? [])
      for (const asleep of asleepWithin(device, fromS, toS)) spentS += overlap(asleep, waits);
  });
  return sleepers === 0 ? 0 : spentS / sleepers / PROBE_S;
}

export function probesPerSleeperDay({ fleet, actionsOf, evidenceAtS }: FleetOutcome, horizonS: number): number {
  const probes = actionsOf.flat().filter((action) => action.inVain).length;
  const asleepS = fleet.reduce(
    (sum, device, place) => sum + asleepSeconds(device, Math.min(evidenceAtS[place] ?? horizonS, horizonS)),
    0,
  );
  return asleepS === 0 ? 0 : probes / (asleepS / DAY_S);
}

interface Span {
  fromS: number;
  toS: number;
}

/** While a device was awake from its arrival on without ever having been submitted. */
function waitingAwake({ awake, arrivesAtS }: DrawnDevice, submittedAtS = Number.POSITIVE_INFINITY): Span[] {
  const first = awake.find(({ toS }) => toS > arrivesAtS);
  // one that slept when it was asked for counts as parked and since woken
  if (first === undefined || first.fromS > arrivesAtS) return [];
  const toS = Math.min(first.toS, submittedAtS);
  return toS > arrivesAtS ? [{ fromS: arrivesAtS, toS }] : [];
}

function asleepWithin({ awake }: DrawnDevice, fromS: number, toS: number): Span[] {
  const asleep: Span[] = [];
  let atS = fromS;
  for (const span of awake) {
    if (span.toS <= atS) continue;
    if (span.fromS >= toS) break;
    if (span.fromS > atS) asleep.push({ fromS: atS, toS: span.fromS });
    atS = span.toS;
  }
  if (atS < toS) asleep.push({ fromS: atS, toS });
  return asleep;
}

const overlap = (span: Span, others: readonly Span[]): number =>
  others.reduce((sum, o) => sum + Math.max(0, Math.min(span.toS, o.toS) - Math.max(span.fromS, o.fromS)), 0);

function merged(spans: Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans.sort((a, b) => a.fromS - b.fromS)) {
    const last = all.at(-1);
    if (last !== undefined && span.fromS <= last.toS) last.toS = Math.max(last.toS, span.toS);
    else all.push({ ...span });
  }
  return all;
}
