import { type ActionTimeline, actionTimeline } from './action-timeline.ts';
import { commandPlan, isInLibrary } from './command-plan.ts';
import type { Device } from './device.ts';
import { runStart } from './device-timeline.ts';
import { readLiveResponseBody } from './live-response-body.ts';
import { type ActionType, actionEntity, type MachineAction, type MachineActionEntity } from './machine-action.ts';
import { mulberry32, seedFrom } from './random.ts';
import { type ErrorBody, ok, type Reply } from './reply.ts';
import type { CallSubject } from './tenant-record.ts';
import type { TenantState } from './tenant-state.ts';

export const REQUESTOR = 'Holdfast test application';
const ENTITY = 'MachineActions/$entity';
/** A session cap says nothing about when a session ends, so the hint is a plain minute. */
const SESSION_RETRY_AFTER_MS = 60_000;

/** `POST /api/machines/{id}/runliveresponse`. The machine is looked up before anything else is checked. */
export function submitLiveResponse(
  state: TenantState,
  machineId: string,
  body: unknown,
  now: number,
  subject: CallSubject,
): Reply<MachineActionEntity | ErrorBody> {
  const { switches } = state;
  const device = state.devices.get(machineId.toLowerCase());
  if (device === undefined) return state.refuse(404, 'ResourceNotFound', `Machine ${machineId} was not found`);
  if (switches.liveResponseDisabled || (switches.serverLiveResponseDisabled && isServer(device))) {
    return state.refuse(403, 'DisabledFeature', 'Live response is turned off in the advanced features of the tenant');
  }
  const request = readLiveResponseBody(body);
  if ('code' in request) return state.refuse(400, request.code, request.message);
  if (!device.spec.supported) {
    return state.refuse(400, 'OsPlatformNotSupported', `Live response does not support ${device.spec.osPlatform}`);
  }
  if (!device.spec.remediationLevel) {
    const message = 'Enable at least the minimum remediation level on the device group of this machine';
    return state.refuse(403, 'DisallowedOperation', message);
  }
  const absent = request.commands.find((command) => !isInLibrary(command, state.library));
  if (absent !== undefined && switches.missingScripts === 'refusedAtSubmit') {
    return state.refuse(400, 'InvalidInput', 'A file of the request was not found in the library');
  }
  const active = activeLiveResponse(state, device, now);
  if (active !== undefined && now - active.submittedAt < switches.existingActionWithinMs) {
    subject.actionId = active.id;
    return ok(actionEntity(active, now, switches, state.context(ENTITY)), 201);
  }
  if (active !== undefined || device.hasPortalSession(now)) {
    return state.refuse(400, 'ActiveRequestAlreadyExists', 'Action is already in progress');
  }
  const own = liveResponseSessions(state, now);
  if (own + unseenSessions(state, now) >= switches.sessions) {
    const reply = state.throttle('Too many live response sessions', SESSION_RETRY_AFTER_MS);
    return { ...reply, refusal: own >= switches.sessions ? 'sessions' : 'unseenSessions' };
  }
  const action = createAction(state, device, now, {
    type: 'LiveResponse',
    comment: request.comment,
    scope: null,
    commands: request.commands,
  });
  subject.actionId = action.id;
  state.record.mostSessions = Math.max(state.record.mostSessions, own + 1);
  return ok(actionEntity(action, now, switches, state.context(ENTITY)), 201);
}

export function createAction(
  state: TenantState,
  device: Device,
  now: number,
  wanted: { type: ActionType; comment: string; scope: string | null; commands: MachineAction['commands'] },
): MachineAction {
  const plans = wanted.commands.map((command) => commandPlan(command, device, state.library, state.switches, now));
  const known = { ...wanted, id: state.newGuid(), device, requestor: REQUESTOR, submittedAt: now, plans };
  const action: MachineAction = { ...known, timeline: timelineOf(state, known) };
  state.ledger.add(action);
  return action;
}

/** How an action goes as far as can be told now; waking, sleeping and cancelling tell it anew. */
export function timelineOf(state: TenantState, action: Omit<MachineAction, 'timeline'>): ActionTimeline {
  const { device, submittedAt, cancel } = action;
  const { switches } = state;
  const pendingEndsAt = submittedAt + device.duration(switches.pendingTimeoutMs);
  const cancelEffectAt = cancel?.effectAt ?? Number.POSITIVE_INFINITY;
  const until = Math.min(pendingEndsAt, cancelEffectAt);
  return actionTimeline({
    startsAt: runStart(device.pattern, submittedAt, device.duration(device.spec.startDelayMs), until),
    pendingEndsAt,
    cancelEffectAt,
    cancelHidesRun: switches.cancelHidesRun,
    commands: [...action.plans],
    workMs: device.duration(device.spec.runMs),
    lagMs: device.duration(device.spec.lagMs),
    failedCommandFailsAction: switches.failedCommandFailsAction,
  });
}

/** Tells the open actions of a device anew, except those that have begun. */
export function retimeActions(state: TenantState, device: Device, now: number): void {
  for (const action of state.ledger.open(now)) {
    if (action.device === device && now < action.timeline.startsAt) action.timeline = timelineOf(state, action);
  }
}

/** The live response action that keeps a device, one whose lock lingers after its cancel included. */
function activeLiveResponse(state: TenantState, device: Device, now: number): MachineAction | undefined {
  const last = state.ledger.ofMachine(device.id).findLast((action) => action.type === 'LiveResponse');
  if (last === undefined) return undefined;
  const lingers = last.timeline.ends === 'Cancelled' ? device.duration(state.switches.lockLingersMs) : 0;
  return now < last.timeline.endsAt + lingers ? last : undefined;
}

/** The sessions that actions of the API hold. */
export function liveResponseSessions(state: TenantState, now: number): number {
  let sessions = 0;
  for (const action of state.ledger.open(now)) {
    const holds = state.switches.pendingHoldsSession || now >= action.timeline.startsAt;
    if (action.type === 'LiveResponse' && holds) sessions++;
  }
  return sessions;
}

/** Sessions of people in the portal: on known devices, and on any by the switch. */
export function unseenSessions(state: TenantState, now: number): number {
  let sessions = 0;
  for (const device of state.devicesInPortal) if (device.hasPortalSession(now)) sessions++;
  const drawn = state.switches.portalSessions;
  if (typeof drawn === 'number') return sessions + drawn;
  const draw = Math.floor((now - state.startedAt) / drawn.redrawMs);
  return sessions + Math.floor(mulberry32(seedFrom(state.seed, 'portal', draw))() * drawn.below);
}

function isServer(device: Device): boolean {
  return /server/i.test(device.spec.osPlatform);
}
