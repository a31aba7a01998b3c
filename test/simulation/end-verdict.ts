import { subjectOf } from '../../infra/local/simulated-tenant/model/live-response-body.ts';
import type { MachineAction } from '../../infra/local/simulated-tenant/model/machine-action.ts';
import type { TenantModel } from '../../infra/local/simulated-tenant/model/tenant-model.ts';
import { type BrokenLimit, limitsBroken, runsByAttempt } from '../../infra/local/simulated-tenant/model/verdicts.ts';
import type { MemoryEvidence } from '../../shared/adapters/storage/memory-evidence.ts';
import type { MemoryState } from '../../shared/adapters/storage/memory-state.ts';
import type { Collection } from '../../shared/domain/collection.ts';
import { collectionsAgenda, listKey, listRange, listsPartition, tasksAgenda } from '../../shared/domain/index-keys.ts';
import type { CollectionRequest, Command } from '../../shared/domain/request/collection-request.ts';
import { isFinal, type Task } from '../../shared/domain/task.ts';
import { type EpochMs, hours, minutes } from '../../shared/domain/time.ts';
import type { ModelledResults } from './modelled-results.ts';
import { type SeedPlan, START } from './seed-plan.ts';
import type { Witness, Witnessed } from './witness.ts';

export interface Ended {
  tenant: TenantModel;
  state: MemoryState;
  evidence: MemoryEvidence;
  results: ModelledResults;
  witness: Witness;
  plan: SeedPlan;
  now: EpochMs;
}

/** Everything that is wrong once all is over; empty when nothing is. */
export async function endVerdict(end: Ended): Promise<string[]> {
  const wrong: string[] = [];
  for (const collection of end.witness.collections.values()) wrong.push(...(await collectionVerdict(end, collection)));
  wrong.push(...tenantVerdict(end), ...idleVerdict(end), ...(await leftOver(end)), ...(await listVerdict(end)));
  return wrong;
}

/** Refusals of one session more than the tenant has, in a day in which more may be tried: each ends trials for six hours. */
const MOST_TRIALS_REFUSED = 10;

/** What the tenant can prove from its own record. */
function tenantVerdict({ plan, tenant, now }: Ended): string[] {
  const { record, switches, ledger } = tenant.state;
  const mayTry = plan.settings.limits.sessionsMost !== undefined;
  const isTrial = ({ refusal, times }: BrokenLimit) => mayTry && refusal === 'sessions' && times <= MOST_TRIALS_REFUSED;
  const broken = limitsBroken(record, switches).filter((limit) => !isTrial(limit));
  const limits = broken.map(
    (b) =>
      `the limit ${b.limit} ${b.refusal ?? ''} of ${b.endpoint} was broken ${b.times} times, first at ${new Date(b.at).toISOString()}`,
  );
  const twice = Object.entries(runsByAttempt(ledger.all, now))
    .filter(([, runs]) => runs > 1)
    .map(([comment, runs]) => `${comment} ran ${runs} times`);
  return [...limits, ...twice, ...repeatedRuns(tenant, now)];
}

/** A RunScript or PutFile that may have begun is never run again, by whichever attempt: the comment tells the collection. */
function repeatedRuns(tenant: TenantModel, now: EpochMs): string[] {
  const runs = new Map<string, number>();
  for (const action of tenant.state.ledger.all) {
    const ours = action.comment.startsWith('holdfast:') && action.timeline.startsAt <= now;
    if (!ours || action.commands.every((c) => c.type === 'GetFile')) continue;
    const key = `${action.device.spec.computerDnsName} ${action.comment.split(' | ').slice(1).join(' | ')}`;
    runs.set(key, (runs.get(key) ?? 0) + 1);
  }
  return [...runs].filter(([, times]) => times > 1).map(([key, times]) => `scripts of ${key} ran ${times} times`);
}

/** Once nothing is open, nothing is asked of Defender. */
function idleVerdict({ tenant, now }: Ended): string[] {
  const last = tenant.state.record.calls.at(-1);
  return last && last.at > now - IDLE_MS ? [`an idle Holdfast called ${last.endpoint}`] : [];
}

async function collectionVerdict(end: Ended, { header, tasks }: Witnessed): Promise<string[]> {
  const wrong: string[] = [];
  const id = header.collectionId;
  if (!header.ended) wrong.push(`collection ${id} never ended`);
  if (header.callback?.status === 'waiting') wrong.push(`the callback of ${id} was never settled`);
  for (const task of tasks.values()) {
    if (!isFinal(task.state)) wrong.push(`task ${task.taskId} of ${id} is ${task.state} for good`);
    if (wasLeftWaiting(end, header, task))
      wrong.push(`task ${task.taskId} of ${id} expired although its device was awake`);
    wrong.push(...(await taskVerdict(end, task)).map((what) => `task ${task.taskId} of ${id}: ${what}`));
  }
  wrong.push(...blobsOfOthers(header, tasks));
  if (!header.ended) return wrong;
  const custody = (await end.state.collections.custody(id, { top: 100_000 })).value;
  custody.forEach((event, place) => {
    if (event.sequence !== place + 1) wrong.push(`${id}: custody event ${event.sequence} stands at ${place + 1}`);
  });
  const manifest = header.manifest && (await end.witness.sha256Of(header.manifest.blobName));
  if (manifest !== header.manifest?.sha256) wrong.push(`${id}: the manifest is not what the header says`);
  wrong.push(...(await manifestVerdict(end, header.manifest?.blobName, tasks)).map((what) => `${id}: ${what}`));
  return wrong;
}

/** Hours without any fault, room enough, a device that is awake and free: such a task must have its turn. */
function wasLeftWaiting({ plan, tenant }: Ended, { createdAt, expiresAt, cancel }: Collection, task: Task): boolean {
  const { limits } = plan.settings;
  const spec = task.machineId === undefined ? undefined : tenant.state.devices.get(task.machineId)?.spec;
  const session = typeof spec?.portalSession === 'object' ? START + spec.portalSession.toMs : 0;
  const calmMs = expiresAt - Math.max(createdAt, plan.faultsEndAt, session);
  const room = limits.sessions - limits.sessionsReserved >= 3 && limits.submitsPerMinute >= 5;
  const free = spec?.awake === 'always' && spec.portalSession !== true && spec.runMs < minutes(10);
  return task.state === 'expired' && !cancel && calmMs > CALM_MS && room && free && plan.devices.length < 50;
}

async function manifestVerdict(
  { evidence }: Ended,
  blobName: string | undefined,
  tasks: Map<string, Task>,
): Promise<string[]> {
  if (blobName === undefined) return [];
  const bytes = Buffer.concat(await Array.fromAsync(await evidence.read(blobName)));
  const told = JSON.parse(bytes.toString('utf8')) as { collection: { tasks: { taskId: string; state: string }[] } };
  const wrong = told.collection.tasks
    .filter((t) => tasks.get(t.taskId)?.state !== t.state)
    .map((t) => `the manifest says that task ${t.taskId} is ${t.state}, it is ${tasks.get(t.taskId)?.state}`);
  return told.collection.tasks.length === tasks.size ? wrong : [...wrong, 'the manifest has other tasks'];
}

/** Each collection has its evidence in a folder of its own, whoever shared the run. */
function blobsOfOthers({ collectionId }: Collection, tasks: Map<string, Task>): string[] {
  const artifacts = [...tasks.values()].flatMap((task) => task.commands.flatMap((c) => c.artifact ?? []));
  return artifacts
    .filter(({ blobName }) => !blobName.includes(`/${collectionId}/`))
    .map(({ blobName }) => `${collectionId} has ${blobName} of another`);
}

/** Completed commands are archived, with the device's own bytes, or the task says why not. */
async function taskVerdict({ tenant, state, results, witness, now }: Ended, task: Task): Promise<string[]> {
  const wrong: string[] = [];
  const left = witness.left.has(`${task.collectionId}|${task.taskId}`);
  if (task.state !== 'archived' && isFinal(task.state) && !task.failure) wrong.push(`${task.state} without a reason`);
  if (task.failure?.code === 'MachineNotFound' && !isUnknown(task))
    wrong.push('its machine is there and was not found');
  if (task.failure?.code === 'InternalError') wrong.push('an internal error');
  const action = task.machineActionId === undefined ? undefined : tenant.state.ledger.byId(task.machineActionId);
  const ofItsOwn = task.attemptId !== undefined && !task.reusedFrom;
  if (action && ofItsOwn && isFinal(task.state) && !action.comment.includes(task.attemptId ?? ''))
    wrong.push(`its action ${action.id} is of another attempt (${action.comment})`);
  const places = action ? placesOf(await state.collections.request(task.collectionId), action) : [];
  for (const command of task.commands) {
    if (command.artifact && action) {
      const truths = places.map((from) => results.truth(action.id, from + command.index).sha256);
      const stored = await witness.sha256Of(command.artifact.blobName);
      if (!truths.includes(command.artifact.sha256))
        wrong.push(`command ${command.index} is not what the device handed over`);
      if (stored !== command.artifact.sha256)
        wrong.push(`what is stored of command ${command.index} is not what the device handed over`);
    }
    const spans = places.map((from) => action?.timeline.spans[from + command.index]);
    const completed = spans.length > 0 && spans.every((span) => span && !span.failed && span.endsAt <= now);
    const explained = (command.state === 'failed' && command.errors.length > 0) || (left && command.state === 'notRun');
    if (completed && isFinal(task.state) && command.type !== 'PutFile' && command.state !== 'archived' && !explained)
      wrong.push(`command ${command.index} has completed and is ${command.state}`);
  }
  return wrong;
}

/**
 * Where the commands of a request may begin among those of its action: requests that only read files share one. More than
 * one place where two of them ask for the same file. One whose request is kept no more is looked for at the beginning.
 */
function placesOf(request: CollectionRequest | undefined, action: MachineAction): number[] {
  const asked = request?.commands.map(nameOf) ?? [];
  const all = action.commands.map((command) => `${command.type} ${subjectOf(command)}`);
  const places = [...all.keys()].filter((from) => asked.every((name, index) => all[from + index] === name));
  return places.length > 0 ? places : [0];
}

function nameOf(command: Command): string {
  switch (command.type) {
    case 'PutFile':
      return `PutFile ${command.fileName}`;
    case 'RunScript':
      return `RunScript ${command.scriptName}`;
    case 'GetFile':
      return `GetFile ${command.path}`;
  }
}

/** Nobody has the name or the tag, or the device slept at the time at which its address was asked for. */
const isUnknown = ({ target }: Task): boolean =>
  ('computerDnsName' in target && target.computerDnsName === 'nobody.contoso.com') ||
  'machineTag' in target ||
  'ipAddress' in target;

const CALM_MS = hours(5);

/** The end of the quiet time in which nothing may be asked. */
const IDLE_MS = minutes(25);

/** A stale row is dropped by the heartbeat that meets it; idle ones come every ten minutes here. */
const DROPPED_WITHIN_MS = minutes(30);

/** An idle Holdfast has nothing left over that would cost calls for good. */
async function leftOver({ state, plan, now }: Ended): Promise<string[]> {
  const { tenantId } = plan.settings;
  const work = await state.work.load(tenantId);
  // A crash may leave a row whose time is still to come; it is dropped when it is met.
  const all = { from: '', to: String(now - DROPPED_WITHIN_MS), top: 1000 };
  const agenda = (await state.index.range(tasksAgenda(tenantId), all)).value;
  const due = (await state.index.range(collectionsAgenda(tenantId), all)).value;
  return [
    ...work.attempts.map(({ value }) => `attempt ${value.attemptId} stays ${value.state}`),
    ...work.jobs.map(({ value }) => `the job for result ${value.index} of ${value.attemptId} stays`),
    ...agenda.map(({ key }) => `agenda row ${key} stays`),
    ...due.map(({ key }) => `agenda row ${key} stays`),
  ];
}

/** The list of all names each collection that is kept once, as of when it was accepted, and never as of another time. */
async function listVerdict({ state, plan, witness }: Ended): Promise<string[]> {
  const { value: rows } = await state.index.range(listsPartition(plan.settings.tenantId), {
    ...listRange('all', {}),
    top: 100_000,
  });
  const left = new Set(rows.map(({ key }) => key));
  const wrong: string[] = [];
  for (const id of witness.collections.keys()) {
    const header = (await state.collections.header(id))?.value;
    if (header && !left.delete(listKey('all', header))) wrong.push(`collection ${id} is in no list`);
    for (const key of left)
      if (header && key.endsWith(`|${id}`))
        wrong.push(`collection ${id} stands in the list as of another time too: ${key}`);
  }
  return wrong;
}
