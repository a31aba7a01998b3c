import { commandStatusAt } from './action-timeline.ts';
import { subjectOf } from './live-response-body.ts';
import type { MachineAction, MachineActionEntity } from './machine-action.ts';
import { ACTION_FIELDS, actionEntity, actionReader, actionStatus } from './machine-action.ts';
import { ODataFault } from './odata-filter.ts';
import { type ListQuery, nextLink, pageOf, parseListQuery } from './odata-query.ts';
import { seedFrom } from './random.ts';
import { type ErrorBody, ok, type Reply } from './reply.ts';
import { getFileContent, packageContent, type ResultContent, runScriptContent } from './result-content.ts';
import { timelineOf } from './submitting.ts';
import type { TenantState } from './tenant-state.ts';

const ENTITY = 'MachineActions/$entity';

export interface ListBody<Entity> {
  '@odata.context': string;
  '@odata.count'?: number;
  value: Entity[];
  '@odata.nextLink'?: string;
}

/** A result that a device has handed over. */
export interface ProducedResult {
  machineId: string;
  actionId: string;
  /** The command's index, or `package` for an investigation package. */
  index: number | 'package';
  producedAt: number;
  content: ResultContent;
}

/** `GET /api/machineactions` */
export function listActions(
  state: TenantState,
  query: URLSearchParams,
  now: number,
): Reply<ListBody<MachineActionEntity> | ErrorBody> {
  const { switches } = state;
  let parsed: ListQuery;
  try {
    parsed = parseListQuery(query, ACTION_FIELDS);
  } catch (fault) {
    if (!(fault instanceof ODataFault)) throw fault;
    return state.refuse(400, 'ODataError', fault.message);
  }
  const rows = state.ledger.candidates(parsed.filter, now).filter((action) => isVisible(state, action, now));
  const page = pageOf(rows, parsed, (action) => actionReader(action, now, switches), switches.pageSize);
  const next = nextLink(`${state.baseUrl}/api/machineactions`, query, page.rows.length, page);
  return ok({
    '@odata.context': state.context('MachineActions'),
    ...(parsed.count && { '@odata.count': page.total }),
    value: page.rows.map((action) => actionEntity(action, now, switches)),
    ...(next !== undefined && { '@odata.nextLink': next }),
  });
}

/** `GET /api/machineactions/{id}` */
export function readAction(state: TenantState, actionId: string, now: number): Reply<MachineActionEntity | ErrorBody> {
  const action = visibleAction(state, actionId, now);
  if (action === undefined) return notFound(state, actionId);
  return ok(actionEntity(action, now, state.switches, state.context(ENTITY)));
}

/**
 * `POST /api/machineactions/{id}/cancel`: answers with the action as it is, and takes effect later.
 * Asking twice changes nothing; an action with a final status refuses.
 */
export function cancelAction(
  state: TenantState,
  actionId: string,
  body: unknown,
  now: number,
): Reply<MachineActionEntity | ErrorBody> {
  const action = visibleAction(state, actionId, now);
  if (action === undefined) return notFound(state, actionId);
  const comment = (body as { Comment?: unknown } | null | undefined)?.Comment ?? '';
  if (typeof comment !== 'string') return state.refuse(400, 'InvalidRequestBody', 'Comment must be a string');
  if (now >= action.timeline.endsAt) {
    return state.refuse(400, 'BadRequest', 'The action is in a final state and cannot be cancelled');
  }
  if (action.cancel === undefined) {
    const effectAt = now + action.device.duration(state.switches.cancelDelayMs);
    action.cancel = { requestedAt: now, effectAt, comment };
    action.timeline = now < action.timeline.startsAt ? timelineOf(state, action) : cancelledMidRun(state, action);
  }
  return ok(actionEntity(action, now, state.switches, state.context(ENTITY)));
}

/** `GET .../GetLiveResponseResultDownloadLink(index=N)`, up to the link itself, which is made by whoever serves it. */
export function findResult(
  state: TenantState,
  actionId: string,
  index: number,
  now: number,
): Reply<ProducedResult | ErrorBody> {
  const action = visibleAction(state, actionId, now);
  if (action === undefined) return notFound(state, actionId);
  const command = action.commands[index];
  if (command === undefined) return state.refuse(400, 'InvalidInput', `There is no command with index ${index}`);
  if (command.type === 'PutFile') return state.refuse(400, 'InvalidInput', 'PutFile has no result');
  const early = state.switches.linkAt === 'actionEnd' && now < action.timeline.endsAt;
  const result = early ? undefined : resultOf(state, action, index, now);
  return result === undefined ? state.refuse(404, 'ResourceNotFound', 'The result is not available') : ok(result);
}

/** `GET .../getPackageUri`, up to the link itself. */
export function findPackage(state: TenantState, actionId: string, now: number): Reply<ProducedResult | ErrorBody> {
  const action = visibleAction(state, actionId, now);
  if (action === undefined || action.type !== 'CollectInvestigationPackage') return notFound(state, actionId);
  const status = actionStatus(action, now, state.switches);
  if (status !== 'Succeeded') return state.refuse(404, 'ResourceNotFound', 'The package is not available');
  return ok(packageOf(state, action));
}

/** Every result handed over until now, in the order of the actions. */
export function* producedResults(state: TenantState, now: number): Generator<ProducedResult> {
  for (const action of state.ledger.all) {
    for (const index of action.commands.keys()) {
      const result = resultOf(state, action, index, now);
      if (result !== undefined) yield result;
    }
    const done = action.type === 'CollectInvestigationPackage' && now >= action.timeline.endsAt;
    if (done && action.timeline.ends === 'Succeeded') yield packageOf(state, action);
  }
}

/** The result of a command that has ended well; its content is made on first use, so that asking is cheap. */
function resultOf(state: TenantState, action: MachineAction, index: number, now: number): ProducedResult | undefined {
  const command = action.commands[index];
  const span = action.timeline.spans[index];
  if (command === undefined || command.type === 'PutFile' || commandStatusAt(span, now) !== 'Completed')
    return undefined;
  const behaviour = action.device.behaviourOf(command);
  const { computerDnsName, id: machineId } = action.device.spec;
  const name = subjectOf(command);
  return {
    machineId,
    actionId: action.id,
    index,
    producedAt: span?.endsAt ?? now,
    get content() {
      return command.type === 'GetFile'
        ? getFileContent(seedFrom(state.seed, machineId, name), behaviour)
        : runScriptContent({ name, actionId: action.id, computerDnsName }, behaviour);
    },
  };
}

function packageOf(state: TenantState, action: MachineAction): ProducedResult {
  return {
    machineId: action.device.id,
    actionId: action.id,
    index: 'package',
    producedAt: action.timeline.endsAt,
    get content() {
      return packageContent(seedFrom(state.seed, action.id));
    },
  };
}

/** A run that goes on, at most ending under another name. */
function cancelledMidRun(state: TenantState, action: MachineAction): MachineAction['timeline'] {
  return state.switches.cancelHidesRun ? { ...action.timeline, ends: 'Cancelled' } : action.timeline;
}

function visibleAction(state: TenantState, actionId: string, now: number): MachineAction | undefined {
  const action = state.ledger.byId(actionId);
  return action !== undefined && isVisible(state, action, now) ? action : undefined;
}

function isVisible(state: TenantState, action: MachineAction, now: number): boolean {
  return now >= action.submittedAt + state.switches.readGapMs;
}

function notFound(state: TenantState, actionId: string): Reply<ErrorBody> {
  return state.refuse(404, 'ResourceNotFound', `Machine action ${actionId} was not found`);
}
