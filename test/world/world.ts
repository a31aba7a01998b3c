import type { DeviceInput, ScenarioInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import { TenantModel } from '../../infra/local/simulated-tenant/model/tenant-model.ts';
import { createDefenderTwin } from '../../infra/local/simulated-tenant-twin/defender-twin.ts';
import { createMemoryEvidence, type MemoryEvidence } from '../../shared/adapters/storage/memory-evidence.ts';
import { createMemoryState, type MemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { type EpochMs, seconds, toIso } from '../../shared/domain/time.ts';
import type { QueueName } from '../../shared/ports.ts';
import { advanceCollection } from '../../shared/use-cases/advance-collection.ts';
import { archiveResult, type ResultMessage } from '../../shared/use-cases/archive-result.ts';
import type { Checkpoint } from '../../shared/use-cases/checkpoints.ts';
import type { Deps } from '../../shared/use-cases/deps.ts';
import { governedDefender } from '../../shared/use-cases/governed-defender.ts';
import { dispatchHeartbeat, pollHeartbeat, runTick } from '../../shared/use-cases/run-tick.ts';
import type { TickMessage } from '../../shared/use-cases/wake.ts';
import { type Ask, askFor } from './asking.ts';
import { createHappenings } from './happenings.ts';
import { nextHeartbeat } from './heartbeats.ts';
import { createLife, type Death, type Life, type PortCall } from './life.ts';
import { createMessageDelivery, type Delivered } from './message-delivery.ts';
import {
  createRecordingCallbacks,
  createRecordingLog,
  type RecordingCallbacks,
  type RecordingLog,
} from './recordings.ts';
import { seededIds, seededRandom } from './seeded.ts';
import { useCaseSettings, type WorldSettings } from './settings.ts';
import { createTenantResults, type TenantResults } from './tenant-results.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface WorldOptions {
  devices?: readonly DeviceInput[];
  library?: ScenarioInput['library'];
  /** Switches of the simulated tenant. */
  switches?: ScenarioInput['switches'];
  /** Settings of Holdfast. */
  settings?: WorldSettings;
  /** Of everything that is left to chance; the same seed tells the same story. */
  seed?: number;
  /** Where the state lies instead of in twins; queues stay in memory, for they must know the world's time. */
  tables?: Pick<MemoryState, 'collections' | 'work' | 'index' | 'registers'>;
}

/**
 * Holdfast in virtual time: the real use cases on in-memory twins, beside a simulated tenant, in one process. Nothing
 * moves but by `run` and `runUntil`, which go from one due thing to the next: a message, a heartbeat, a happening.
 */
export interface World {
  readonly clock: VirtualClock;
  readonly tenant: TenantModel;
  readonly state: MemoryState;
  readonly evidence: MemoryEvidence;
  readonly results: TenantResults;
  readonly log: RecordingLog;
  readonly callbacks: RecordingCallbacks;
  /** Of the process that lives now; a crash brings another one. */
  readonly deps: Deps;
  /** Everything that went wrong in a handler: thrown errors and crashes. */
  readonly failures: readonly string[];
  readonly poisoned: readonly Delivered[];
  /** Asks for evidence, as over HTTP, with RunScript unless told otherwise. @returns the collection's id */
  ask(request: Ask): Promise<string>;
  /** One call of a caller, as over HTTP. @throws when the process crashes before it answers */
  call<T extends {}>(work: (deps: Deps) => Promise<T>): Promise<T>;
  /** Lets time pass, in ms. */
  run(ms: number): Promise<void>;
  /** @throws when `done` does not come true within `atMost` ms of virtual time */
  runUntil(done: () => boolean | Promise<boolean>, limit: { atMost: number }): Promise<void>;
  /** Until the collections have ended and their callbacks are settled. */
  runUntilEnded(collectionIds: string | readonly string[], limit: { atMost: number }): Promise<void>;
  /** Lets something happen `ms` from now. */
  after(ms: number, happen: () => unknown): void;
  /** The next `times` messages of a queue vanish. */
  lose(queue: QueueName, times?: number): void;
  /** Kills the process at the next `times` passages of a checkpoint; another one starts 10 s later. */
  crashAt(point: Checkpoint, times?: number): void;
  /** Kills the process at its n-th call to a port from now on; another one starts 10 s later. */
  crashAtCall(calls: number, when: 'before' | 'after'): void;
  /** How often functions of the app were run so far. */
  readonly executions: number;
  /** How often each method of a port was called, by `port.method`. */
  readonly calls: ReadonlyMap<PortCall, number>;
}

/** 08:00:07: neither heartbeat is due at the start. */
export const START: EpochMs = Date.parse('2026-03-02T08:00:07Z');
/** How long the host is away after a crash. */
const RESTART_MS = seconds(10);

export function createWorld(options: WorldOptions = {}): World {
  const { seed = 1, devices = [], library = [], switches = {} } = options;
  const clock = createVirtualClock(START);
  const tenant = new TenantModel({ seed, devices: [...devices], library, switches }, { startedAt: START });
  const state = { ...createMemoryState({ clock }), ...options.tables };
  const evidence = createMemoryEvidence();
  const results = createTenantResults(clock);
  const log = createRecordingLog(clock);
  const callbacks = createRecordingCallbacks(clock);
  const settings = useCaseSettings(options.settings);
  const ids = seededIds(clock);
  const random = seededRandom(seed);
  const twin = createDefenderTwin(tenant, clock, { linkTo: results.linkTo, log });
  const calls = new Map<PortCall, number>();
  const crashes = new Map<Checkpoint, number>();
  const failures: string[] = [];
  const poisoned: Delivered[] = [];
  const happenings = createHappenings();
  let downUntil = START;
  let lastBeatAt = START;
  let executions = 0;

  const born = (): { life: Life; deps: Deps } => {
    const life = createLife((call) => calls.set(call, (calls.get(call) ?? 0) + 1));
    const registers = life.port('registers', state.registers);
    const { tenantId, limits } = settings;
    const deps: Deps = {
      clock,
      ids,
      random,
      log,
      collections: life.port('collections', state.collections),
      work: life.port('work', state.work),
      index: life.port('index', state.index),
      registers,
      queues: life.port('queues', state.queues),
      secrets: life.port('secrets', state.secrets),
      defender: governedDefender(life.port('defender', twin), { registers, clock, tenantId, limits }),
      results: life.port('results', results.source),
      evidence: life.port('evidence', evidence),
      canStore: async () => true,
      callbacks: life.port('callbacks', callbacks),
      settings,
      checkpoint: (point) => {
        const already = life.crashedAt();
        if (already) life.crash(already);
        const left = crashes.get(point) ?? 0;
        if (left === 0) return;
        crashes.set(point, left - 1);
        life.crash(point);
      },
    };
    return { life, deps };
  };
  let current = born();

  /** Runs one function of the app; a crash in it brings the next process. */
  const invoke = async (work: (deps: Deps) => Promise<void>): Promise<'done' | Death> => {
    executions += 1;
    const { life, deps } = current;
    const outcome = await life.live(() => work(deps));
    if (outcome === 'done') return outcome;
    failures.push(`${toIso(clock.now())} crashed at ${outcome}`);
    downUntil = clock.now() + RESTART_MS;
    current = born();
    return outcome;
  };

  const call: World['call'] = async (work) => {
    const answers: Awaited<ReturnType<typeof work>>[] = [];
    const outcome = await invoke(async (deps) => {
      answers.push(await work(deps));
    });
    const [answer] = answers;
    if (outcome !== 'done' || answer === undefined) throw new Error(`no answer: ${outcome}`);
    return answer;
  };

  const delivery = createMessageDelivery(state.queues, clock, (queue, message) =>
    invoke((deps) => HANDLERS[queue](deps, message)),
  );

  const beat = async (): Promise<void> => {
    const { name } = nextHeartbeat(lastBeatAt);
    lastBeatAt = clock.now();
    await invoke(name === 'dispatch' ? dispatchHeartbeat : pollHeartbeat).catch((error: unknown) => {
      failures.push(`${toIso(clock.now())} ${name} heartbeat: ${String(error)}`);
    });
  };

  /** Goes to the next due thing at or before `limit` and does it. @returns false when there is none */
  const step = async (limit: EpochMs): Promise<boolean> => {
    const beatAt = nextHeartbeat(lastBeatAt).at;
    const messageAt = delivery.nextAt() ?? Number.POSITIVE_INFINITY;
    const happensAt = happenings.nextAt() ?? Number.POSITIVE_INFINITY;
    const appAt = Math.max(downUntil, Math.min(beatAt, messageAt));
    if (Math.min(appAt, happensAt) > limit) {
      clock.moveTo(limit);
      return false;
    }
    if (happensAt <= appAt) {
      clock.moveTo(happensAt);
      await happenings.happen(clock.now());
    } else {
      clock.moveTo(appAt);
      if (messageAt <= clock.now()) await deliver();
      else await beat();
    }
    return true;
  };

  const deliver = async (): Promise<void> => {
    const delivered = await delivery.deliverOne();
    if (!delivered || delivered.error === undefined) return;
    failures.push(
      `${toIso(clock.now())} ${delivered.queue} ${JSON.stringify(delivered.message)}: ${String(delivered.error)}`,
    );
    if (delivered.outcome === 'poison') poisoned.push(delivered);
  };

  const runUntil: World['runUntil'] = async (done, { atMost }) => {
    const limit = clock.now() + atMost;
    while (!(await done())) {
      if (!(await step(limit)) && !(await done()))
        throw new Error(`not within ${atMost / 1000} s: ${failures.join('\n')}`);
    }
  };

  const isSettled = async (collectionId: string): Promise<boolean> => {
    const header = (await state.collections.header(collectionId))?.value;
    return header?.ended === true && header.callback?.status !== 'waiting';
  };

  return {
    clock,
    tenant,
    state,
    evidence,
    results,
    log,
    callbacks,
    get deps() {
      return current.deps;
    },
    failures,
    poisoned,
    calls,
    call,
    ask: (request) => call((deps) => askFor(deps, request)),
    run: async (ms) => {
      const limit = clock.now() + ms;
      while (await step(limit));
    },
    runUntil,
    runUntilEnded: async (collectionIds, limit) => {
      // One that has ended stays so: only the first that is open is asked.
      const open = [collectionIds].flat();
      await runUntil(async () => {
        for (let [id] = open; id !== undefined; [id] = open) {
          if (!(await isSettled(id))) return false;
          open.shift();
        }
        return true;
      }, limit);
    },
    after: (ms, happen) => happenings.plan(Math.round(clock.now() + ms), happen),
    lose: (queue, times = 1) => delivery.lose(queue, times),
    crashAt: (point, times = 1) => crashes.set(point, times),
    crashAtCall: (calls, when) => current.life.crashAtCall(calls, when),
    get executions() {
      return executions;
    },
  };
}

/** What the queue functions do with a message (functions/). The app wrote it itself, so it is taken as it is. */
const HANDLERS: Record<QueueName, (deps: Deps, message: unknown) => Promise<void>> = {
  ticks: (deps, message) => runTick(deps, message as TickMessage),
  collections: (deps, message) => advanceCollection(deps, (message as { collectionId: string }).collectionId),
  results: (deps, message) => archiveResult(deps, message as ResultMessage),
};
