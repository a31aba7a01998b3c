import type { Endpoint } from './endpoints.ts';
import { type ActionType, actionEntity, type MachineActionEntity } from './machine-action.ts';
import { type ErrorBody, ok, type Reply } from './reply.ts';
import { createAction } from './submitting.ts';
import type { CallSubject } from './tenant-record.ts';
import type { TenantState } from './tenant-state.ts';

interface OtherAction {
  type: ActionType;
  /** A field of the body beside `Comment`, and what it may say; it becomes the action's scope. */
  field?: { name: string; pattern: RegExp };
}

/** The machine actions beside live response that only need a comment, and at most one field more. */
const OTHER_ACTIONS = {
  collectInvestigationPackage: { type: 'CollectInvestigationPackage' },
  isolate: { type: 'Isolate', field: { name: 'IsolationType', pattern: /^(Full|Selective|UnManagedDevice)$/ } },
  unisolate: { type: 'Unisolate' },
  runAntiVirusScan: { type: 'RunAntiVirusScan', field: { name: 'ScanType', pattern: /^(Quick|Full)$/ } },
  restrictCodeExecution: { type: 'RestrictCodeExecution' },
  unrestrictCodeExecution: { type: 'UnrestrictCodeExecution' },
  stopAndQuarantineFile: { type: 'StopAndQuarantineFile', field: { name: 'Sha1', pattern: /^[0-9a-fA-F]{40}$/ } },
} as const satisfies Partial<Record<Endpoint, OtherAction>>;

export type OtherActionCall = keyof typeof OTHER_ACTIONS;

/** `POST /api/machines/{id}/{call}`: 201 with the action; 400 while one of its kind is under way on the machine. */
export function startOtherAction(
  state: TenantState,
  call: OtherActionCall,
  machineId: string,
  body: unknown,
  now: number,
  subject: CallSubject,
): Reply<MachineActionEntity | ErrorBody> {
  const { type, field }: OtherAction = OTHER_ACTIONS[call];
  const device = state.devices.get(machineId.toLowerCase());
  if (device === undefined) return state.refuse(404, 'ResourceNotFound', `Machine ${machineId} was not found`);
  if (typeof body !== 'object' || body === null) {
    return state.refuse(400, 'InvalidRequestBody', 'Request body is incorrect');
  }
  const given = body as Record<string, unknown>;
  const comment = given.Comment;
  if (typeof comment !== 'string' || comment === '') {
    return state.refuse(400, 'MissingRequiredParameter', "Missing required parameter 'Comment'");
  }
  const value = field === undefined ? undefined : given[field.name];
  if (field !== undefined && (typeof value !== 'string' || !field.pattern.test(value))) {
    return state.refuse(400, 'InvalidInput', `'${field.name}' is missing or has a wrong value`);
  }
  for (const open of state.ledger.open(now)) {
    if (open.type === type && open.device === device) {
      return state.refuse(400, 'ActiveRequestAlreadyExists', 'Action is already in progress');
    }
  }
  const scope = typeof value === 'string' && type !== 'StopAndQuarantineFile' ? value : null;
  const action = createAction(state, device, now, { type, comment, scope, commands: [] });
  subject.actionId = action.id;
  return ok(actionEntity(action, now, state.switches, state.context('MachineActions/$entity')), 201);
}
