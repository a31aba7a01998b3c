import { hours, minutes, seconds } from '../../shared/domain/time.ts';
import type { QueueName } from '../../shared/ports.ts';
import { advanceCollection } from '../../shared/use-cases/advance-collection.ts';
import { archiveResult, type ResultMessage } from '../../shared/use-cases/archive-result.ts';
import type { Deps } from '../../shared/use-cases/deps.ts';
import { keepHouse } from '../../shared/use-cases/keep-house.ts';
import { dispatchHeartbeat, pollHeartbeat, runTick } from '../../shared/use-cases/run-tick.ts';
import type { TickMessage } from '../../shared/use-cases/wake.ts';
import { isIn } from './fates.ts';
import { START } from './seed-plan.ts';
import type { InvocationEnd, Simulation } from './simulation.ts';

/** As in host.json. */
const MOST_DELIVERIES = 5;
const COMES_BACK_MS = seconds(30);
const POLLING_MS = seconds(2);
/** A dead process's messages become visible when its hold on them ends. */
const HOLD_MS = minutes(10);

/** Daily in a deployment; the days of these worlds are short. */
const HOUSEKEEPING_MS = hours(1);

/** What the timer functions do. */
const TIMERS = { dispatchHeartbeat, pollHeartbeat, housekeeping: keepHouse } as const;
type TimerName = keyof typeof TIMERS;

/** What the queue functions do (functions/): the app wrote the messages itself, so they are taken as they are. */
const HANDLERS: Record<QueueName, (deps: Deps, message: unknown) => Promise<void>> = {
  ticks: (deps, message) => runTick(deps, message as TickMessage),
  collections: (deps, message) => advanceCollection(deps, (message as { collectionId: string }).collectionId),
  results: (deps, message) => archiveResult(deps, message as ResultMessage),
};

/** What the Functions host does, on several instances at once: queues at least once, timers once, or twice by fault. */
export class Host {
  readonly #sim: Simulation;
  /** Nothing is open: heartbeats may be rarer without anything being missed. */
  idle: () => boolean = () => false;

  constructor(sim: Simulation) {
    this.#sim = sim;
    sim.onSent = (queue, delayMs) => this.#pump(queue as QueueName, delayMs);
    this.#beat('dispatchHeartbeat', minutes(1) - (START % minutes(1)));
    this.#beat('pollHeartbeat', minutes(1) - ((START + seconds(30)) % minutes(1)));
    this.#beat('housekeeping', HOUSEKEEPING_MS);
  }

  /** A message is taken some time after it is visible. */
  #pump(queue: QueueName, delayMs: number): void {
    const { time, chance } = this.#sim;
    const visibleMs = Math.ceil(delayMs / 1000) * 1000;
    time.after(visibleMs + 1 + chance.between(0, POLLING_MS), () => {
      for (const { text } of this.#sim.state.queues.receive(queue, time.now)) this.#arrive(queue, JSON.parse(text));
      return true;
    });
  }

  #arrive(queue: QueueName, message: unknown): void {
    const sim = this.#sim;
    const astray = sim.faultsLast && sim.chance.is(sim.plan.messageFaults);
    const fate = astray ? sim.chance.pick('messageDuplicated', 'messageDelayed', 'messageLost') : undefined;
    if (fate) sim.strike(fate);
    if (fate === 'messageLost') return;
    if (fate === 'messageDelayed')
      sim.time.after(sim.chance.scale(1000, minutes(20)), () => this.#deliver(queue, message, 0));
    else this.#deliver(queue, message, 0);
    if (fate === 'messageDuplicated')
      sim.time.after(sim.chance.scale(1, minutes(5)), () => this.#deliver(queue, message, 0));
  }

  #deliver(queue: QueueName, message: unknown, failures: number): true {
    const sim = this.#sim;
    const instance = sim.anyInstance();
    const again = (ms: number, failed: number) => sim.time.after(ms, () => this.#deliver(queue, message, failed));
    if (!instance) {
      again(seconds(5), failures);
      return true;
    }
    const ended = (end: InvocationEnd): void => {
      if (end.kind === 'done') return;
      if (failures + 1 >= MOST_DELIVERIES) return;
      again(end.kind === 'crashed' ? sim.chance.scale(COMES_BACK_MS, HOLD_MS) : COMES_BACK_MS, failures + 1);
    };
    sim.invoke(instance, queue, (deps) => HANDLERS[queue](deps, message), ended);
    return true;
  }

  #pauseOf(name: TimerName): number {
    if (name === 'housekeeping') return HOUSEKEEPING_MS;
    return this.idle() ? minutes(10) : this.#sim.plan.heartbeatMs;
  }

  /** Timers by the wall clock on one instance; by fault on two at once, or not for an hour. */
  #beat(name: TimerName, inMs: number): void {
    const sim = this.#sim;
    sim.time.after(inMs, () => {
      this.#beat(name, this.#pauseOf(name));
      if (isIn(sim.plan.ticksSkipped, sim.time.now)) {
        sim.strike('tickSkipped');
        return undefined;
      }
      const work = TIMERS[name];
      const first = sim.anyInstance();
      if (!first) return undefined;
      sim.invoke(first, name, work);
      if (sim.faultsLast && sim.chance.is(sim.plan.messageFaults)) {
        const second = sim.anyInstance();
        if (second && second !== first) {
          sim.strike('tickOnTwo');
          sim.invoke(second, name, work);
        }
      }
      return true;
    });
  }
}
