import { ENDPOINTS, type Endpoint } from './endpoints.ts';
import type { Fault } from './faults.ts';
import type { ErrorBody, Reply } from './reply.ts';
import type { CallSubject } from './tenant-record.ts';
import type { TenantState } from './tenant-state.ts';

/**
 * What every call passes on its way in and out: faults, budgets, roles, and the record.
 * @param subject what the call is about, as far as known; `act` may add to it
 */
export function answer<Body>(
  state: TenantState,
  endpoint: Endpoint,
  now: number,
  subject: CallSubject,
  act: () => Reply<Body | ErrorBody>,
): Reply<Body | ErrorBody> {
  const fault = spellOf429(state, now) ?? state.faults.next(endpoint, state.switches.faultRates);
  const before = fault === undefined ? undefined : insteadOfCall(state, fault);
  const reply = before ?? withFault(state, admitted(state, endpoint, now, act), fault);
  state.record.add(now, endpoint, reply, subject);
  return reply;
}

function admitted<Body>(
  state: TenantState,
  endpoint: Endpoint,
  now: number,
  act: () => Reply<Body | ErrorBody>,
): Reply<Body | ErrorBody> {
  const limit = state.limits.take(endpoint, now, state.switches);
  if (limit !== undefined) {
    const reply = state.throttle('API calls quota exceeded', limit.retryAfterMs);
    return { ...reply, refusal: limit.refusal };
  }
  const roles: readonly string[] = ENDPOINTS[endpoint].roles;
  if (roles.every((role) => state.switches.missingRoles.includes(role))) {
    return state.refuse(
      403,
      'Forbidden',
      `The application does not have any of the required roles: ${roles.join(', ')}`,
    );
  }
  const reply = act();
  if (reply.status === 429) state.limits.giveBack(endpoint, state.switches);
  return reply;
}

/** The tenant-wide 429 that `throttleSpells` describes. */
function spellOf429(state: TenantState, now: number): Fault | undefined {
  const spells = state.switches.throttleSpells;
  if (spells === undefined) return undefined;
  const since = now - state.startedAt;
  if (since < spells.everyMs || since % spells.everyMs >= spells.forMs) return undefined;
  return { kind: 'throttle', retryAfterSeconds: spells.retryAfterSeconds };
}

/** The reply of a fault that keeps the call from happening. */
function insteadOfCall(state: TenantState, fault: Fault): Reply<ErrorBody> | undefined {
  switch (fault.kind) {
    case 'reset':
      return { status: 0, headers: {}, lost: 'request' };
    case 'error':
      return fault.afterEffect === true ? undefined : scriptedError(state, fault);
    case 'throttle':
      return { ...state.throttle('API calls quota exceeded', fault.retryAfterSeconds * 1000), refusal: 'scripted' };
    default:
      return undefined;
  }
}

/** The fate of a reply whose call has taken effect. */
function withFault<Body>(
  state: TenantState,
  reply: Reply<Body | ErrorBody>,
  fault: Fault | undefined,
): Reply<Body | ErrorBody> {
  switch (fault?.kind) {
    case 'error':
      return scriptedError(state, fault);
    case 'loseReply':
      return { ...reply, lost: 'reply' };
    case 'delay':
      return { ...reply, delayMs: fault.ms };
    case 'emptyBody':
      return { status: reply.status, headers: reply.headers };
    case 'garbledBody':
      return { status: reply.status, headers: { 'Content-Type': 'text/html' }, raw: '<html><body>Gateway' };
    default:
      return reply;
  }
}

function scriptedError(state: TenantState, fault: Extract<Fault, { kind: 'error' }>): Reply<ErrorBody> {
  if (fault.code === undefined) return { status: fault.status, headers: {} };
  return state.refuse(fault.status, fault.code, fault.message);
}
