import type { MachineActionEntity } from '../../../../infra/local/simulated-tenant/model/machine-action.ts';
import { type ErrorBody, type Reply, succeeded } from '../../../../infra/local/simulated-tenant/model/reply.ts';
import type { TenantModel } from '../../../../infra/local/simulated-tenant/model/tenant-model.ts';

/** What a baseline sees of one call. `httpStatus` 0: no answer came. */
export interface Answer<T> {
  httpStatus: number;
  code?: string;
  /** From `Retry-After`, in ms. */
  retryAfterMs?: number;
  value?: T;
}

/** Defender's calls as the baselines make them, each counted by the tenant. */
export interface TenantCalls {
  submit(machineId: string): Answer<MachineActionEntity>;
  action(actionId: string): Answer<MachineActionEntity>;
  cancel(actionId: string): Answer<MachineActionEntity>;
  list(filter: string, top?: number): Answer<MachineActionEntity[]>;
  /** A link is all that counts here: copying takes no time. */
  link(actionId: string): Answer<true>;
}

export function tenantCalls(model: TenantModel, now: () => number): TenantCalls {
  const body = {
    Comment: 'baseline',
    Commands: [{ type: 'RunScript', params: [{ key: 'ScriptName', value: 'collect.ps1' }] }],
  };
  return {
    submit: (machineId) => answerOf(model.submit(machineId, body, now())),
    action: (actionId) => answerOf(model.readAction(actionId, now())),
    cancel: (actionId) => answerOf(model.cancel(actionId, { Comment: 'baseline' }, now())),
    list: (filter, top) => {
      const query = { $filter: filter, ...(top === undefined ? {} : { $top: String(top) }) };
      const { value, ...answer } = answerOf(model.listActions(query, now()));
      return value === undefined ? answer : { ...answer, value: value.value };
    },
    link: (actionId) => {
      const { value, ...answer } = answerOf(model.resultLink(actionId, 0, now()));
      return value === undefined ? answer : { ...answer, value: true };
    },
  };
}

function answerOf<T>(reply: Reply<T | ErrorBody>): Answer<T> {
  if (reply.lost !== undefined) return { httpStatus: 0 };
  if (succeeded<T>(reply)) return { httpStatus: reply.status, value: reply.body };
  const seconds = Number(reply.headers['Retry-After']);
  return {
    httpStatus: reply.status,
    ...codeOf(reply.body),
    ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

const codeOf = (body: unknown): { code?: string } =>
  typeof body === 'object' && body !== null && 'error' in body ? { code: (body as ErrorBody).error.code } : {};
