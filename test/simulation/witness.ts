import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { MemoryEvidence } from '../../shared/adapters/storage/memory-evidence.ts';
import type { Collection } from '../../shared/domain/collection.ts';
import type { CustodyEntry } from '../../shared/domain/custody.ts';
import { commandIndexOf, everyone } from '../../shared/domain/result-jobs.ts';
import { type CommandProgress, isFinal, type Task } from '../../shared/domain/task.ts';
import type { CollectionChange, Reply, Versioned, WorkChange } from '../../shared/ports.ts';
import type { IoStep } from './faults.ts';
import type { HouseWitness } from './house-witness.ts';
import type { Invocation } from './life.ts';
import { LINK_SECRET } from './modelled-results.ts';
import { CALLBACK_SECRET } from './seed-plan.ts';
import type { WorkWitness } from './work-witness.ts';

/** A collection as the witness has seen it written. */
export interface Witnessed {
  header: Collection;
  tasks: Map<string, Task>;
}

/** Fewest and most tries of a result before its task may, or must, fail for it (api.md, "Patience"). */
const FEWEST_TRIES = 6;
const MOST_TRIES = 12;

/** A task has an action from one of these on. */
const TELL_OF_ACTION = ['action.submitted', 'action.adopted', 'attempt.joined'] as const;

const SECRETS = [LINK_SECRET, CALLBACK_SECRET];

/** Writes in which a secret would stay. */
const KEEPS: ReadonlySet<IoStep> = new Set([
  'collections.create',
  'collections.commit',
  'work.commit',
  'index.write',
  'registers.write',
  'queues.send',
  'queues.sendText',
  'evidence.put',
  'evidence.commitBlocks',
]);

/**
 * Looks at every call that takes effect and knows what must never happen (design.md, "What holds always"). It keeps its
 * own picture of the collections, so that it believes no row of theirs.
 */
export class Witness {
  readonly collections = new Map<string, Witnessed>();
  /** Event ids whose callback was answered with 2xx. */
  readonly accepted = new Set<string>();
  /** Tasks that left a run to others, and have no claim on its results any more: `collectionId|taskId`. */
  readonly left = new Set<string>();
  readonly #links = new Map<string, Invocation | undefined>();
  /** Which try of a result a function is: it has claimed its job as that. */
  readonly #tryOf = new WeakMap<Invocation, number>();
  /** The most tries that a job ever had, by attempt and index. */
  readonly #triesOf = new Map<string, number>();
  readonly #violate: (what: string) => void;
  readonly #tell: (what: () => string) => void;
  readonly #evidence: MemoryEvidence;
  #writes = 0;

  readonly #work: WorkWitness;
  readonly #house: HouseWitness;

  constructor(
    evidence: MemoryEvidence,
    { work, house }: { work: WorkWitness; house: HouseWitness },
    to: { violate(what: string): void; tell(what: () => string): void },
  ) {
    this.#evidence = evidence;
    this.#work = work;
    this.#house = house;
    this.#violate = to.violate;
    this.#tell = to.tell;
  }

  seen(step: IoStep, args: readonly unknown[], result: unknown, by: Invocation | undefined): Promise<void> | undefined {
    if (KEEPS.has(step) && this.#looksInto(step)) this.#noSecrets(step, args);
    switch (step) {
      case 'collections.create':
        if (result === 'created') this.#created(args[0] as Collection);
        return undefined;
      case 'collections.commit':
        return result === 'conflict'
          ? undefined
          : this.#changed(args[0] as CollectionChange, result as Versioned<Collection>);
      case 'work.commit':
        if (result === 'written') this.#worked(args[1] as WorkChange, by);
        return undefined;
      case 'collections.remove':
        if (result === 'written') this.#house.removed((args[0] as Versioned<Collection>).value);
        return undefined;
      case 'defender.resultLink':
        this.#linkGiven(args as [string, number], result as Reply<string>, by);
        return undefined;
      case 'results.open':
        this.#linkUsed(args[0] as string, by);
        return undefined;
      case 'evidence.stageBlockFromUrl':
        this.#linkUsed((args[2] as { link: string }).link, by);
        return undefined;
      case 'callbacks.post':
        this.#called(args[1] as Record<string, unknown>, result as { httpStatus?: number });
        return undefined;
      default:
        return undefined;
    }
  }

  /** Registers and index rows are most of all writes: one in four is enough, over as many seeds. */
  #looksInto(step: IoStep): boolean {
    this.#writes += 1;
    return (step !== 'registers.write' && step !== 'index.write') || this.#writes % 4 === 0;
  }

  /** No secret may be logged either. */
  logged(event: string, fields: Record<string, unknown> | undefined): void {
    this.#noSecrets(`log ${event}`, [fields]);
  }

  #noSecrets(where: string, args: readonly unknown[]): void {
    const [, bytes] = args;
    const text = bytes instanceof Uint8Array ? Buffer.from(bytes).toString('latin1') : JSON.stringify(args);
    const found = SECRETS.find((secret) => text?.includes(secret));
    // what is refused is set aside as it came, its callback address included
    if (found && !(where === 'queues.sendText' && found === CALLBACK_SECRET))
      this.#violate(`${where} holds a secret (${found})`);
  }

  #created(header: Collection): void {
    this.collections.set(header.collectionId, { header, tasks: new Map() });
  }

  async #changed(change: CollectionChange, { value: header }: Versioned<Collection>): Promise<void> {
    const known = this.collections.get(header.collectionId);
    if (!known) {
      this.#violate(`collection ${header.collectionId} was changed before it was created`);
      return;
    }
    const before = known.header;
    known.header = header;
    for (const id of change.removedTaskIds ?? []) {
      if (isFinal(known.tasks.get(id)?.state ?? 'queued')) this.#violate(`task ${id} had ended and was removed`);
      known.tasks.delete(id);
    }
    for (const { type, taskId } of change.events ?? [])
      if (type === 'attempt.left') this.left.add(`${header.collectionId}|${taskId}`);
    const stored: CommandProgress[] = [];
    for (const task of change.tasks ?? []) {
      const was = known.tasks.get(task.taskId);
      this.#tell(
        () => `task ${task.taskId} ${was?.state ?? 'new'} -> ${task.state} (attempt ${task.attemptId ?? 'none'})`,
      );
      if (was && isFinal(was.state) && !isDeepStrictEqual(plain(was), plain(task)))
        this.#violate(`task ${task.taskId} had ended as ${was.state} and became ${task.state}`);
      this.#isRecorded(was, task, change.events ?? []);
      for (const [place, command] of task.commands.entries()) {
        const earlier = was?.commands[place];
        if (command.state === 'archived' && earlier?.state !== 'archived') stored.push(command);
        const left = this.left.has(`${header.collectionId}|${task.taskId}`);
        if (command.state === 'failed' && earlier?.state === 'completed' && !left) this.#notStored(task, command);
      }
      known.tasks.set(task.taskId, task);
    }
    this.#headerFits(before, known);
    for (const command of stored) await this.#isStored(command);
  }

  /** Whatever becomes of a task is told in the same change. */
  #isRecorded(was: Task | undefined, task: Task, events: CustodyEntry[]): void {
    const types = new Set(events.filter((e) => e.taskId === task.taskId).map((e) => e.type));
    const silent = was !== undefined && was.state !== task.state && types.size === 0;
    const submitted = was !== undefined && task.attempts > was.attempts;
    const untold = submitted && !TELL_OF_ACTION.some((type) => types.has(type));
    if (silent || untold) this.#violate(`custody does not tell how task ${task.taskId} became ${task.state}`);
    if (isFinal(task.state) && !isFinal(was?.state ?? 'queued') && !types.has('task.ended'))
      this.#violate(`custody does not tell of the end of task ${task.taskId}`);
  }

  #headerFits(before: Collection, { header, tasks }: Witnessed): void {
    const id = header.collectionId;
    const counts: Record<string, number> = { total: tasks.size };
    for (const { state } of tasks.values()) counts[state] = (counts[state] ?? 0) + 1;
    for (const [state, count] of Object.entries(header.counts))
      if (count !== (counts[state] ?? 0))
        this.#violate(`${id} counts ${count} ${state}, there are ${counts[state] ?? 0}`);
    if (before.closing && !isDeepStrictEqual(before.closing, header.closing))
      this.#violate(`${id} was closing and changed its end`);
    if (before.ended && (!header.ended || !isDeepStrictEqual(before.manifest, header.manifest)))
      this.#violate(`${id} had ended and changed`);
    if (header.closing && [...tasks.values()].some((t) => !isFinal(t.state)))
      this.#violate(`${id} closes with open tasks`);
    if (header.ended && !header.manifest) this.#violate(`${id} has ended without a manifest`);
    const { callback } = header;
    if (callback && callback.eventId !== before.callback?.eventId)
      this.#violate(`${id} changed the id of its callback`);
    if (callback?.status === 'delivered' && !this.accepted.has(callback.eventId))
      this.#violate(`${id} says that its callback was delivered, and nobody got it`);
  }

  async #isStored({ artifact }: CommandProgress): Promise<void> {
    if (!artifact) {
      this.#violate('a command is archived without an artifact');
      return;
    }
    const stored = await this.sha256Of(artifact.blobName);
    if (stored !== artifact.sha256)
      this.#violate(`${artifact.blobName} is told as ${artifact.sha256}, stored is ${stored}`);
  }

  /** Of what is stored under a name; `undefined` where nothing is. */
  async sha256Of(blobName: string): Promise<string | undefined> {
    const stat = await this.#evidence.stat(blobName);
    if (!stat) return undefined;
    const hash = createHash('sha256');
    for await (const piece of await this.#evidence.read(blobName)) hash.update(piece);
    return hash.digest('hex');
  }

  #notStored(task: Task, command: CommandProgress): void {
    const tries = this.#triesOf.get(`${task.attemptId}|${task.collectionId}|${task.taskId}|${command.index}`) ?? 0;
    if (tries < FEWEST_TRIES)
      this.#violate(`the result ${command.index} of ${task.taskId} was given up after ${tries} tries`);
  }

  #worked(change: WorkChange, by: Invocation | undefined): void {
    const { jobs = [] } = change;
    this.#work.written(change, by);
    for (const { value } of jobs) {
      for (const { collectionId, taskId } of everyone(value)) {
        const key = `${value.attemptId}|${collectionId}|${taskId}|${commandIndexOf(value)}`;
        this.#triesOf.set(key, Math.max(value.tries, this.#triesOf.get(key) ?? 0));
      }
      if (by) this.#tryOf.set(by, value.tries);
    }
  }

  #linkGiven([actionId, index]: [string, number], reply: Reply<string>, by: Invocation | undefined): void {
    this.#work.linkAsked(actionId, index, by);
    if (!reply.ok) return;
    this.#links.set(reply.value, by);
    const tries = (by && this.#tryOf.get(by)) ?? 0;
    if (tries > MOST_TRIES) this.#violate(`the result ${index} of action ${actionId} was tried ${tries} times`);
  }

  #linkUsed(link: string, by: Invocation | undefined): void {
    if (this.#links.get(link) !== by)
      this.#violate(`${by?.name} uses the link that ${this.#links.get(link)?.name} was given`);
  }

  #called(body: Record<string, unknown>, { httpStatus }: { httpStatus?: number }): void {
    const known = this.collections.get(String(body.id));
    if (!known?.header.ended) {
      this.#violate(`a callback tells of the end of ${body.id}, which is open`);
      return;
    }
    if (known.header.callback?.eventId !== body.eventId)
      this.#violate(`the callback of ${body.id} has another id than before`);
    if (httpStatus !== undefined && httpStatus >= 200 && httpStatus < 300) this.accepted.add(String(body.eventId));
  }

  /** Whether every collection has ended and has nothing more to tell. */
  allSettled(): boolean {
    for (const { header } of this.collections.values())
      if (!header.ended || header.callback?.status === 'waiting') return false;
    return true;
  }
}

/** As rows hold it: without what JSON drops. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
