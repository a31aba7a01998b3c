import {
  type DefenderCall,
  type DefenderRequest,
  unreadable,
} from '../../../shared/adapters/defender/defender-call.ts';
import { faultOf } from '../../../shared/adapters/defender/faults.ts';
import type { Clock, Reply } from '../../../shared/ports.ts';
import type { ProducedResult } from '../simulated-tenant/model/reading-actions.ts';
import { type ErrorBody, succeeded, type Reply as TenantReply } from '../simulated-tenant/model/reply.ts';
import type { TenantModel } from '../simulated-tenant/model/tenant-model.ts';

interface ModelCallOptions {
  linkTo: (result: ProducedResult) => string;
  timeoutMs: number;
}

/** Carries calls of the Defender client to the tenant's model, as HTTP would. */
export function modelCall(model: TenantModel, clock: Clock, options: ModelCallOptions): DefenderCall {
  return async (request) => {
    const send = () => asSeen(route(model, clock.now(), request, options.linkTo), clock.now(), options.timeoutMs);
    const reply = send();
    // the client asks once more, with a new token
    return !reply.ok && reply.fault.kind === 'refused' && reply.fault.httpStatus === 401 ? send() : reply;
  };
}

function route(
  model: TenantModel,
  now: number,
  { endpoint, path, body }: DefenderRequest,
  linkTo: ModelCallOptions['linkTo'],
): TenantReply {
  const [pathname = '', search = ''] = path.split('?');
  const [, , , id = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  switch (endpoint) {
    case 'runLiveResponse':
      return model.submit(id, body, now);
    case 'listMachineActions':
      return model.listActions(new URLSearchParams(search), now);
    case 'getMachineAction':
      return model.readAction(id, now);
    case 'cancelMachineAction':
      return model.cancel(id, body, now);
    case 'getResultLink':
      return withLink(model.resultLink(id, Number(/index=(-?\d+)/.exec(rest[0] ?? '')?.[1]), now), linkTo);
    case 'listMachines':
      return model.listMachines(new URLSearchParams(search), now);
    case 'getMachine':
      return model.readMachine(id, now);
    case 'findByIp': {
      const [, ip = '', timestamp = ''] = /\(ip='(.*)',timestamp=(.*)\)$/.exec(id) ?? [];
      return model.findByIp(ip, timestamp, now);
    }
    default:
      throw new Error(`the model has no ${endpoint}`);
  }
}

function withLink(reply: TenantReply<ProducedResult | ErrorBody>, linkTo: ModelCallOptions['linkTo']): TenantReply {
  return succeeded<ProducedResult>(reply) ? { ...reply, body: { value: linkTo(reply.body) } } : reply;
}

/** What a client over HTTP would make of the reply. */
function asSeen(reply: TenantReply, now: number, timeoutMs: number): Reply<unknown> {
  // the client cannot tell a request that was lost from a reply that was
  if (reply.lost !== undefined) return unreadable(undefined, 'connection failed (ECONNRESET)');
  if ((reply.delayMs ?? 0) > timeoutMs) return unreadable(undefined, `no answer within ${timeoutMs / 1_000} s`);
  if (reply.status >= 400) {
    const body = reply.raw ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
    const headers = new Headers(reply.headers);
    return { ok: false, fault: faultOf({ httpStatus: reply.status, headers, body }, now) };
  }
  if (reply.raw !== undefined) return unreadable(reply.status, 'answer is not JSON');
  if (reply.body === undefined) return unreadable(reply.status, 'empty answer');
  return { ok: true, value: reply.body };
}
