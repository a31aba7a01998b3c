import type { ActionTimeline, CommandPlan } from './action-timeline.ts';
import { COMMAND_TURNS, commandStatusAt, lastChangeAt, statusAt } from './action-timeline.ts';
import type { Device } from './device.ts';
import { instant } from './instants.ts';
import type { LiveResponseCommand } from './live-response-body.ts';
import type { Fields } from './odata-filter.ts';
import type { FieldReader } from './odata-match.ts';
import type { Switches } from './switches.ts';

export type ActionType =
  | 'LiveResponse'
  | 'CollectInvestigationPackage'
  | 'Isolate'
  | 'Unisolate'
  | 'RunAntiVirusScan'
  | 'RestrictCodeExecution'
  | 'UnrestrictCodeExecution'
  | 'StopAndQuarantineFile';

/** A machine action as the tenant keeps it. Instants in epoch ms. */
export interface MachineAction {
  readonly id: string;
  readonly type: ActionType;
  readonly device: Device;
  readonly comment: string;
  readonly requestor: string;
  readonly scope: string | null;
  readonly submittedAt: number;
  readonly commands: readonly LiveResponseCommand[];
  /** Decided at the submit, so that a later change of the library or the switches leaves a run alone. */
  readonly plans: readonly CommandPlan[];
  cancel?: { requestedAt: number; effectAt: number; comment: string };
  timeline: ActionTimeline;
}

export type MachineActionEntity = ReturnType<typeof entityOf> & { '@odata.context'?: string };

/** What an action showed last, and how long that holds unless it is told anew. */
interface Shown {
  entity: MachineActionEntity;
  by: readonly [ActionTimeline, MachineAction['cancel'], Switches];
  from: number;
  until: number;
}
const lastShown = new WeakMap<MachineAction, Shown>();

/**
 * The action as Defender shows it, nulls included; the same object, frozen, while nothing changes, so that a poll each few
 * seconds costs little. @see defender-docs, machineaction
 */
export function actionEntity(
  action: MachineAction,
  now: number,
  switches: Switches,
  context?: string,
): MachineActionEntity {
  const { timeline, cancel } = action;
  let shown = lastShown.get(action);
  const holds = shown && shown.from <= now && now < shown.until;
  if (!shown || !holds || shown.by[0] !== timeline || shown.by[1] !== cancel || shown.by[2] !== switches) {
    const entity = Object.freeze(entityOf(action, now, switches));
    shown = { entity, by: [timeline, cancel, switches], from: now, until: holdsUntil(action, now) };
    lastShown.set(action, shown);
  }
  return context === undefined ? shown.entity : { '@odata.context': context, ...shown.entity };
}

/** Kept off from every change by so much, in ms: two ways to reckon an instant differ in its last digits. */
const APART = 1;

/** Until when what an action shows cannot change. */
function holdsUntil({ submittedAt, timeline }: MachineAction, now: number): number {
  const changes = [submittedAt + QUEUED_MS, timeline.startsAt, timeline.endsAt];
  for (const { startsAt, endsAt } of timeline.spans)
    for (const part of [0, ...COMMAND_TURNS, NEAR_END, 1]) changes.push(startsAt + part * (endsAt - startsAt));
  return changes.reduce(
    (least, at) => (at + APART > now ? Math.min(least, at - APART) : least),
    Number.POSITIVE_INFINITY,
  );
}

function entityOf(action: MachineAction, now: number, switches: Switches) {
  const digits = switches.fractionDigits;
  const { cancel, timeline } = action;
  const known = cancel === undefined ? [action.submittedAt] : [action.submittedAt, cancel.requestedAt];
  const lastUpdate = instant(lastChangeAt(timeline, now, known), digits);
  const lastUpdates = {
    ...(switches.lastUpdateField !== 'lastUpdateTimeUtc' && { lastUpdateDateTimeUtc: lastUpdate }),
    ...(switches.lastUpdateField !== 'lastUpdateDateTimeUtc' && { lastUpdateTimeUtc: lastUpdate }),
  };
  return {
    id: action.id,
    type: action.type,
    title: null,
    requestor: action.requestor,
    requestorComment: action.comment,
    status: shownStatus(action, now, switches),
    machineId: action.device.id,
    computerDnsName: action.device.spec.computerDnsName,
    creationDateTimeUtc: instant(action.submittedAt, digits),
    ...lastUpdates,
    cancellationRequestor: cancel === undefined ? null : action.requestor,
    cancellationComment: cancel?.comment ?? null,
    cancellationDateTimeUtc: cancel === undefined ? null : instant(cancel.requestedAt, digits),
    errorHResult: now >= timeline.endsAt ? timeline.errorHResult : 0,
    scope: action.scope,
    externalId: null,
    requestSource: 'PublicApi',
    relatedFileInfo: null,
    commands: action.commands.map((_, index) => commandEntity(action, index, now, switches)),
    troubleshootInfo: null,
    ...(switches.extraFields && { sessionTelemetry: { schema: 3, region: 'neu' }, isTestAction: null }),
  };
}
/** The part of a command's time after which it may read `Uploading`. */
const NEAR_END = 0.8;

function commandEntity(action: MachineAction, index: number, now: number, switches: Switches) {
  const span = action.timeline.spans[index];
  const status: string = commandStatusAt(span, now);
  const ended = span !== undefined && now >= span.endsAt;
  const nearEnd = span !== undefined && !ended && now >= span.startsAt + NEAR_END * (span.endsAt - span.startsAt);
  return {
    index,
    startTime: span !== undefined && now >= span.startsAt ? instant(span.startsAt, switches.fractionDigits) : null,
    endTime: ended ? instant(span.endsAt, switches.fractionDigits) : null,
    commandStatus: switches.unknownStatuses && nearEnd ? 'Uploading' : status,
    errors: ended && span.failed ? (action.plans[index]?.failure?.errors ?? []) : [],
    command: action.commands[index] ?? null,
    ...(switches.extraFields && { attempt: 1 }),
  };
}

export function actionStatus(action: MachineAction, now: number, switches: Switches) {
  return statusAt(action.timeline, now, switches.actionStaysPending);
}

/** How long an action reads `Queued` where unknown statuses are on, ms. */
const QUEUED_MS = 2000;

function shownStatus(action: MachineAction, now: number, switches: Switches): string {
  const status = actionStatus(action, now, switches);
  const queued = switches.unknownStatuses && status === 'Pending' && now < action.submittedAt + QUEUED_MS;
  return queued ? 'Queued' : status;
}

/** @see defender-docs, get-machineactions-collection; `requestorComment` is not among them */
export const ACTION_FIELDS: Fields = {
  id: 'id',
  status: 'string',
  machineId: 'id',
  type: 'string',
  requestor: 'string',
  creationDateTimeUtc: 'instant',
};

export function actionReader(action: MachineAction, now: number, switches: Switches): FieldReader {
  return (field) => {
    switch (field) {
      case 'id':
        return action.id;
      case 'status':
        return shownStatus(action, now, switches);
      case 'machineId':
        return action.device.id;
      case 'type':
        return action.type;
      case 'requestor':
        return action.requestor;
      case 'creationDateTimeUtc':
        return Math.floor(action.submittedAt);
      default:
        return undefined;
    }
  };
}
