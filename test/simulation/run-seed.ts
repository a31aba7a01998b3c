import { days, hours, minutes, toIso } from '../../shared/domain/time.ts';
import type { Counts } from './coverage.ts';
import { countWorld } from './coverage.ts';
import { endVerdict } from './end-verdict.ts';
import { Host } from './host.ts';
import { People } from './people.ts';
import { planOf, START } from './seed-plan.ts';
import { Violation } from './simulated-time.ts';
import { Simulation } from './simulation.ts';
import { SlotsWatch } from './slots-watch.ts';

/** What a seed came to; plain, so that workers can send it. */
export interface SeedReport {
  seed: number;
  /** Absent: all is well. */
  violation?: string;
  story?: string[];
  instances: number;
  tasks: number;
  virtualHours: number;
  ioSteps: number;
  counts: Counts;
}

/** Everything has had its time to end: the last expiry, what runs on after it, and callbacks that wait an hour. */
const PATIENCE_MS = hours(5);
/** After the last change, before what is left over is looked at. */
const QUIET_MS = minutes(45);

/** Runs one seed to its end. @param told keeps the story, which costs time */
export async function runSeed(seed: number, { told = false, everything = false } = {}): Promise<SeedReport> {
  const plan = planOf(seed);
  const sim = new Simulation(plan, { told, everything });
  const host = new Host(sim);
  const people = new People(sim);
  new SlotsWatch(sim);
  const lastExpiry = Math.max(...plan.asks.map((ask) => Date.parse(String(ask.body.expiresAt))));
  const limit = Math.max(START + days(1) + hours(1), lastExpiry + PATIENCE_MS, plan.faultsEndAt + PATIENCE_MS);
  let quietSince = START;
  const settled = () => {
    if (people.waiting > 0 || !sim.witness.allSettled()) quietSince = sim.time.now;
    return sim.time.now - quietSince >= QUIET_MS;
  };
  let looked = 0;
  let quiet = false;
  const quietNow = () => {
    // looking at every collection after every step would cost more than the steps
    if (looked++ % 64 === 0) quiet = settled();
    return quiet;
  };
  host.idle = () => quiet;
  let violation: string | undefined;
  try {
    await sim.time.runUntil(() => quietNow() && sim.time.now >= START + days(1), limit);
    const wrong = await endVerdict({ ...sim, plan, now: sim.time.now });
    if (wrong.length > 0) violation = wrong.slice(0, 8).join('; ');
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = `${toIso(error.at)} ${error.message}`;
  }
  countEnds(sim);
  const tasks = [...sim.witness.collections.values()].reduce((sum, c) => sum + c.tasks.size, 0);
  return {
    seed,
    ...(violation === undefined ? {} : { violation }),
    ...(told ? { story: sim.story.lines() } : {}),
    instances: plan.instances,
    tasks,
    virtualHours: (sim.time.now - START) / hours(1),
    ioSteps: sim.steps,
    counts: sim.counts,
  };
}

/** What happened in the world by itself. */
function countEnds(sim: Simulation): void {
  const { devices } = sim.plan;
  const asleep = devices.filter(
    (d) => d.awake === 'never' || (typeof d.awake === 'object' && 'asleepForMs' in d.awake),
  );
  countWorld(sim.counts, 'deviceAsleepForDays', asleep.length);
  countWorld(sim.counts, 'portalSession', devices.filter((d) => d.portalSession).length);
  for (const { header, tasks } of sim.witness.collections.values()) {
    const states = [...tasks.values()].map((t) => t.state);
    countWorld(sim.counts, 'expired', states.filter((s) => s === 'expired').length);
    if (header.cancel)
      countWorld(sim.counts, 'cancelRacedSuccess', states.filter((s) => s === 'archived' || s === 'partial').length);
  }
}
