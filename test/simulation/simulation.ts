import { TenantModel } from '../../infra/local/simulated-tenant/model/tenant-model.ts';
import { createDefenderTwin } from '../../infra/local/simulated-tenant-twin/defender-twin.ts';
import { createMemoryEvidence, type MemoryEvidence } from '../../shared/adapters/storage/memory-evidence.ts';
import { createMemoryState, type MemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { createServiceClock, type ServiceClock } from '../../shared/adapters/storage/service-clock.ts';
import { minutes, seconds } from '../../shared/domain/time.ts';
import type { CallbackSender, Clock, Defender, Ids, Log } from '../../shared/ports.ts';
import type { Deps } from '../../shared/use-cases/deps.ts';
import { governedDefender } from '../../shared/use-cases/governed-defender.ts';
import { type Chance, chanceOf } from './chance.ts';
import { type Counts, countCall, countFault, countWorld, noCounts } from './coverage.ts';
import { FateDrawer } from './fates.ts';
import type { CallFault, WorldFault } from './faults.ts';
import { type GateKeeper, gated, gatedEvidence, gatedResults, InjectedFault } from './gate.ts';
import { HouseWitness } from './house-witness.ts';
import { type Invocation, type Life, within } from './life.ts';
import { createModelledResults, type LinkFate, type ModelledResults } from './modelled-results.ts';
import { type SeedPlan, START } from './seed-plan.ts';
import { SimulatedTime } from './simulated-time.ts';
import { createStory, type Story } from './story.ts';
import { Witness } from './witness.ts';
import { WorkWitness } from './work-witness.ts';

/** How a run of a function ended. */
export type InvocationEnd = { kind: 'done'; value: unknown } | { kind: 'threw'; error: unknown } | { kind: 'crashed' };

/** One instance of the app: a process, and after its crash another. */
export interface Instance {
  letter: string;
  life: Life;
  deps: Deps;
}

interface Running {
  invocation: Invocation;
  end(end: InvocationEnd): void;
}

/** The world of one seed: the tenant, the storage, the instances, and everything that can go wrong between them. */
export class Simulation {
  readonly time = new SimulatedTime(START);
  readonly tenant: TenantModel;
  readonly state: MemoryState;
  readonly evidence: MemoryEvidence;
  readonly results: ModelledResults;
  readonly witness: Witness;
  readonly work: WorkWitness;
  readonly house: HouseWitness;
  readonly story: Story;
  readonly counts: Counts = noCounts();
  readonly instances: Instance[];
  readonly plan: SeedPlan;
  /** Order and speed of everything. */
  readonly chance: Chance;
  /** Told when a message was sent: queue, ms until it is visible. */
  onSent: (queue: string, delayMs: number) => void = () => undefined;
  steps = 0;
  invocations = 0;
  readonly #running = new Map<Life, Set<Running>>();
  readonly #fates: FateDrawer;
  readonly #faultChance: Chance;
  readonly #ids: Ids;
  #births = 0;
  /** What strikes the call that takes effect just now. */
  #striking: CallFault | undefined;

  constructor(plan: SeedPlan, { told = false, everything = false } = {}) {
    this.plan = plan;
    this.chance = chanceOf(plan.seed, 'order');
    this.#faultChance = chanceOf(plan.seed, 'faults');
    const clock: Clock = { now: () => this.time.now };
    const { seed, devices, switches } = plan;
    const { limits } = plan.settings;
    this.tenant = new TenantModel(
      {
        seed,
        devices: [...devices],
        switches: {
          ...switches,
          submitsPerMinute: limits.submitsPerMinute,
          sessions: plan.sessions,
          callsPerMinute: limits.callsPerMinute,
          callsPerHour: limits.callsPerHour,
        },
      },
      { startedAt: START },
    );
    this.story = createStory(() => this.time.now, told, everything);
    this.state = createMemoryState({ clock });
    this.results = createModelledResults({
      seed,
      tenant: this.tenant,
      now: clock.now,
      fateOf: (actionId, index) => this.#linkFate(actionId, index),
      struck: (fault) => this.strike(fault),
    });
    this.evidence = createMemoryEvidence({ fetchRange: this.results.fetchRange });
    this.work = new WorkWitness(limits, clock.now, (what) => this.violate(what));
    this.house = new HouseWitness(this.work, {
      retentionMs: plan.settings.retentionMs,
      now: clock.now,
      attemptOf: ({ collectionId, taskId }) => this.witness.collections.get(collectionId)?.tasks.get(taskId)?.attemptId,
      violate: (what) => this.violate(what),
    });
    this.witness = new Witness(
      this.evidence,
      { work: this.work, house: this.house },
      {
        violate: (what) => this.violate(what),
        tell: (what) => this.story.tell('state', what),
      },
    );
    this.#fates = new FateDrawer(plan, this.#faultChance);
    this.#ids = this.#seededIds();
    this.instances = Array.from({ length: plan.instances }, (_, place) => this.#born('ABC'.charAt(place)));
    for (const { skewMs } of this.instances.map((i) => i.life)) if (skewMs !== 0) this.strike('clockSkew');
  }

  get faultsLast(): boolean {
    return this.time.now < this.plan.faultsEndAt;
  }

  violate(what: string): void {
    this.story.tell('VIOLATION', () => what);
    this.time.violate(what);
  }

  strike(fault: WorldFault, times = 1): void {
    if (times > 0) countWorld(this.counts, fault, times);
    this.story.tell('world', () => fault);
  }

  /** A living instance, if any. */
  anyInstance(): Instance | undefined {
    const living = this.instances.filter((i) => i.life.alive);
    return living.length === 0 ? undefined : this.chance.among(living);
  }

  /** Runs one function of the app on an instance; `end` is told how it went. */
  invoke(
    instance: Instance,
    name: string,
    work: (deps: Deps) => Promise<unknown>,
    end: (end: InvocationEnd) => void = () => undefined,
  ): void {
    const { life, deps } = instance;
    const invocation: Invocation = { id: ++this.invocations, name: `${name}#${this.invocations}`, life, struck: false };
    this.story.tell(life.name, () => `${invocation.name} begins`);
    const running: Running = { invocation, end };
    const all = this.#running.get(life) ?? new Set();
    this.#running.set(life, all.add(running));
    const finish = (ended: InvocationEnd) => {
      if (!all.delete(running)) return;
      this.story.tell(
        life.name,
        () => `${invocation.name} ${ended.kind}${ended.kind === 'threw' ? `: ${ended.error}` : ''}`,
      );
      end(ended);
    };
    within(invocation, () => work(deps)).then(
      (value) => finish({ kind: 'done', value }),
      (error: unknown) => {
        if (!isInjected(error)) this.violate(`${invocation.name} on ${life.name} threw ${stackOf(error)}`);
        finish({ kind: 'threw', error });
      },
    );
  }

  #born(letter: string): Instance {
    const place = letter.charCodeAt(0) - 65;
    const skewMs = this.plan.skewsMs[place] ?? 0;
    const life: Life = {
      name: `${letter}${++this.#births}`,
      alive: true,
      pausedUntil: 0,
      skewMs,
      clock: this.#settledClock(skewMs),
      crash: () => this.#crashed(letter, life),
    };
    const instance: Instance = { letter, life, deps: this.#depsFor(life) };
    this.story.tell(life.name, () => `starts, its clock ${Math.round(life.skewMs / 1000)} s off`);
    return instance;
  }

  /** The app's own clock over a machine's, which is off, after the questions that it asks at its start. */
  #settledClock(skewMs: number): ServiceClock {
    const clock = createServiceClock({ now: () => Math.floor(this.time.now + skewMs) });
    for (let agoMs = 1200; agoMs > 0; agoMs -= 30)
      heardAt(clock, skewMs, this.time.now - agoMs - 5, this.time.now - agoMs, this.time.now - agoMs + 5);
    return clock;
  }

  #crashed(letter: string, life: Life): void {
    if (!life.alive) return;
    life.alive = false;
    this.story.tell(life.name, () => 'CRASHES');
    for (const running of [...(this.#running.get(life) ?? [])]) {
      this.#running.get(life)?.delete(running);
      running.end({ kind: 'crashed' });
    }
    this.time.after(this.chance.scale(seconds(2), minutes(3)), () => {
      const place = this.instances.findIndex((i) => i.letter === letter);
      this.instances[place] = this.#born(letter);
      return undefined;
    });
  }

  #depsFor(life: Life): Deps {
    const { clock } = life;
    const keeper: GateKeeper = this.#keeper();
    const { settings: planned } = this.plan;
    // As while a new version is rolled out: what one process builds, another would build a little differently.
    const software = { ...planned.software, version: `${planned.software.version}+${life.name}` };
    const settings = { ...planned, software };
    const log = this.#logOf(life);
    const trueClock: Clock = { now: () => this.time.now };
    const twin: Defender = createDefenderTwin(this.tenant, trueClock, { linkTo: this.results.linkTo, log });
    const registers = gated(keeper, life, 'registers', this.state.registers);
    const { tenantId, limits } = settings;
    return {
      clock,
      ids: this.#ids,
      random: this.chance.next,
      log,
      collections: gated(keeper, life, 'collections', this.state.collections),
      work: gated(keeper, life, 'work', this.state.work),
      index: gated(keeper, life, 'index', this.state.index),
      registers,
      queues: gated(keeper, life, 'queues', this.state.queues),
      secrets: gated(keeper, life, 'secrets', this.state.secrets),
      defender: governedDefender(gated(keeper, life, 'defender', twin), { registers, clock, tenantId, limits }),
      results: gatedResults(keeper, life, this.results.source),
      evidence: gatedEvidence(keeper, life, this.evidence),
      callbacks: gated(keeper, life, 'callbacks', this.#receiver()),
      settings,
      canStore: async () => true,
      checkpoint: () => undefined,
    };
  }

  #keeper(): GateKeeper {
    return {
      after: (ms, happen) => this.time.after(ms, happen),
      now: () => this.time.now,
      heard: (life, sentAt, arrivedAt) => heardAt(life.clock, life.skewMs, sentAt, arrivedAt, this.time.now),
      fateOf: (step, args, life) => this.#fates.draw(step, args, life, this.time.now),
      seen: (step, args, result, by) => {
        if (result === 'conflict') this.story.tell(by?.life.name ?? '?', () => `${by?.name} ${step} met a conflict`);
        if (step === 'queues.send') this.onSent(args[0] as string, (args[2] as number | undefined) ?? 0);
        if (step === 'evidence.put' || step === 'evidence.commitBlocks')
          this.#perhapsDamage(args[0] as string, result, this.#isUnseen() && tellsHash(args[2]));
        return this.witness.seen(step, args, result, by);
      },
      struck: (step, fault, args, by) => {
        this.steps += 1;
        this.#striking = fault;
        countCall(this.counts, step);
        if (fault) countFault(this.counts, step, fault);
        this.story.tell(
          by?.life.name ?? '?',
          () => `${by?.name} ${step} ${briefly(args)}${fault ? ` << ${fault.toUpperCase()}` : ''}`,
        );
        if (step === 'defender.submit') this.#submitsOnce(args[0] as { machineId: string });
      },
    };
  }

  /** Never two actions of ours on one device at a time. */
  #submitsOnce({ machineId }: { machineId: string }): void {
    const open = this.tenant.state.ledger
      .ofMachine(machineId)
      .find((a) => a.comment.startsWith('holdfast:') && this.time.now < a.timeline.endsAt);
    if (open) this.violate(`a submit for ${machineId}, whose action ${open.id} (${open.comment}) is open`);
  }

  #isUnseen(): boolean {
    return this.#striking === 'lostReply' || this.#striking === 'crashAfter';
  }

  /** @param unseen whoever stored it has not learned so: only a later try can notice bytes of the same length */
  #perhapsDamage(blobName: string, result: unknown, unseen: boolean): void {
    if (result !== 'stored' || !this.faultsLast || blobName.endsWith('manifest.json')) return;
    if (!this.#faultChance.is(unseen ? 10 * this.plan.storedDamaged : this.plan.storedDamaged)) return;
    this.strike('storedDamaged');
    if (unseen) void this.#spoil(blobName);
    else this.evidence.replaceBytes(blobName, new Uint8Array(7));
  }

  /** As long as before, with one byte changed. */
  async #spoil(blobName: string): Promise<void> {
    const bytes = Buffer.concat(await Array.fromAsync(await this.evidence.read(blobName)));
    if (bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    this.evidence.replaceBytes(blobName, bytes);
  }

  #linkFate(actionId: string, index: number): LinkFate {
    const neverSound = chanceOf(this.plan.seed, `link ${actionId} ${index}`).is(0.02);
    if (!neverSound && !(this.faultsLast && this.#faultChance.is(this.plan.linkFaults))) return 'sound';
    return this.#faultChance.pick('linkExpired', 'linkRefused', 'blobLate', 'blobTruncated', 'blobReplaced');
  }

  #receiver(): CallbackSender {
    return {
      post: async () => {
        if (!this.faultsLast || !this.#faultChance.is(this.plan.callbackFaults)) return { httpStatus: 202 };
        return this.#faultChance.pick({ httpStatus: 500 }, { httpStatus: 429 }, { message: 'ECONNRESET' });
      },
    };
  }

  #logOf(life: Life): Log {
    const line = (level: string) => (event: string, fields?: Record<string, unknown>) => {
      this.witness.logged(event, fields);
      this.story.tell(life.name, () => `${level} ${event} ${JSON.stringify(fields ?? {})}`);
      const error = String(fields?.error ?? '');
      if (level === 'error' && !error.includes('injected:')) this.violate(`${life.name} logs ${event}: ${error}`);
    };
    return { info: line('info'), warn: line('warn'), error: line('error') };
  }

  #seededIds(): Ids {
    let made = 0;
    return {
      next: () => {
        const count = (++made).toString(16).padStart(12, '0');
        return `01900000-0000-7000-8000-${count}`;
      },
    };
  }
}

/** What the storage service copied has its hash only once it is read back. */
const tellsHash = (properties: unknown): boolean =>
  (properties as { metadata?: Record<string, string> }).metadata?.sha256 !== undefined;

/** Tells a clock of an answer; instants are true, the `Date` header has whole seconds. */
function heardAt(clock: ServiceClock, skewMs: number, sentAt: number, arrivedAt: number, receivedAt: number): void {
  clock.heard({
    sentAt: Math.floor(sentAt + skewMs),
    receivedAt: Math.ceil(receivedAt + skewMs),
    date: Math.floor(arrivedAt / 1000) * 1000,
  });
}

export const isInjected = (error: unknown): boolean =>
  error instanceof InjectedFault || (error instanceof Error && error.cause !== undefined && isInjected(error.cause));

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? String(error)) : String(error));

const MOST_WORDS = 300;

/** Enough of a call to follow the story. */
function briefly(args: readonly unknown[]): string {
  const text = JSON.stringify(args, (key, value) => {
    if (value instanceof Uint8Array) return `${value.length} bytes`;
    return key === 'etag' || key === 'sealedUrl' ? undefined : value;
  });
  return text.length > MOST_WORDS ? `${text.slice(0, MOST_WORDS)}…` : text;
}
