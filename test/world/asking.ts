import { type DeviceInput, machineIdOf } from '../../infra/local/simulated-tenant/model/scenario.ts';
import { parseCollectionRequest } from '../../shared/contracts/collection-request.ts';
import type { RequestedBy } from '../../shared/domain/collection.ts';
import { acceptCollection } from '../../shared/use-cases/accept-collection.ts';
import type { Deps } from '../../shared/use-cases/deps.ts';

/** Fields of the body of `POST /api/collections`; targets may be given as devices of the tenant, and who asks beside it. */
export type Ask = Record<string, unknown> & { devices?: readonly DeviceInput[]; by?: RequestedBy };

export const RUN_SCRIPT = { type: 'RunScript', scriptName: 'collect.ps1' };
export const GET_FILE = { type: 'GetFile', path: 'C:\\Windows\\Temp\\out.zip' };
export const PUT_FILE = { type: 'PutFile', fileName: 'tool.exe' };

export const idOf = (device: DeviceInput): string => device.id ?? machineIdOf(device.computerDnsName);
export const targetsOf = (devices: readonly DeviceInput[]) => devices.map((d) => ({ machineId: idOf(d) }));

/**
 * Asks as the HTTP function does, by the same reader of bodies.
 * @returns the collection's id
 * @throws with every fault of a request that is not accepted
 */
export async function askFor(deps: Deps, { devices, by = { kind: 'http' }, ...fields }: Ask): Promise<string> {
  const body = { ...(devices ? { targets: targetsOf(devices) } : {}), commands: [RUN_SCRIPT], ...fields };
  const receivedAt = deps.clock.now();
  const parsed = parseCollectionRequest(body, {
    now: receivedAt,
    callbackHosts: ['.logic.azure.com'],
    loopbackAllowed: false,
  });
  if (!parsed.ok) throw new Error(`the request was refused: ${JSON.stringify(parsed.error)}`);
  const accepted = await acceptCollection(deps, { ...parsed, requestedBy: by, receivedAt });
  if (accepted.kind === 'reused') throw new Error('the requestId was used for another request');
  return accepted.collection.collectionId;
}
