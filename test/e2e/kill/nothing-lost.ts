import { expect } from 'vitest';
import { main as verify } from '../../../infra/local/verify/main.ts';
import { CustodyEventView } from '../../../shared/contracts/custody-event.ts';
import { CallbackBody, type EndedOperation } from '../../../shared/contracts/operation-view.ts';
import type { CallbackReceiver } from './callback-receiver.ts';
import { evidenceAddress } from './evidence-address.ts';
import { type KillableSystem, until } from './killable-system.ts';
import { type Asked, readAll, tryToAsk, untilEnded } from './persistent-caller.ts';
import { readTenantRecord, type TenantRecord } from './tenant-record.ts';

/** What the killed hosts left, once the last one has brought everything to its end. */
export async function expectNothingLost(
  system: KillableSystem,
  callbacks: CallbackReceiver,
  all: readonly Asked[],
): Promise<void> {
  const ended = await Promise.all(all.map((asked) => toItsEnd(system, asked)));
  await Promise.all(ended.map(({ collectionId }) => untilCallbackIsDelivered(system, collectionId)));
  const record = await readTenantRecord(system.tenantUrl);
  expect(record.verdicts).toEqual({
    attemptsThatRanAgain: [],
    limitsBroken: [],
    openActions: 0,
    tokensShownToResultServer: [],
  });
  for (const { asked, operation, collectionId } of ended) {
    expectEnd(asked, operation, record);
    await expectUnbrokenCustody(system, collectionId);
    await expectEvidenceThatVerifies(system, collectionId);
    expectOneEvent(asked, operation, callbacks);
  }
}

/** Asked again, as a caller does that got no answer: the same collection, whatever became of the first try. */
async function toItsEnd(system: KillableSystem, asked: Asked) {
  const accepted = await tryToAsk(system, asked);
  if (accepted === undefined) throw new Error(`${asked.requestId} was not answered by a host that nobody kills`);
  const operation = await untilEnded(asked, accepted.location);
  return { asked, operation, collectionId: accepted.collectionId };
}

function expectEnd(asked: Asked, operation: EndedOperation, record: TenantRecord): void {
  const { requestId, targets, cancels } = asked;
  const runs = runsFor(requestId, record);
  const { counts, state, tasks } = operation.result;
  expect(counts.total, requestId).toBe(targets.length);
  if (cancels) {
    expect({ requestId, state, runs }).toEqual({ requestId, state: 'cancelled', runs: [] });
    return;
  }
  expect({ requestId, state, archived: counts.archived }).toEqual({
    requestId,
    state: 'completed',
    archived: targets.length,
  });
  const machines = tasks.map(({ machineId }) => machineId ?? '');
  expect(runs.map(({ machineId }) => machineId).sort(), `devices that ran for ${requestId}`).toEqual(machines.sort());
  for (const { commands, machineActionId } of tasks) {
    for (const { index, artifact } of commands) {
      const result = record.results.find((r) => r.actionId === machineActionId && r.index === index);
      const { bytes, sha256 } = artifact ?? {};
      expect({ requestId, bytes, sha256 }).toEqual({ requestId, bytes: result?.bytes, sha256: result?.sha256 });
    }
  }
}

/** Runs that carried this request's commands, each as often as it began. */
function runsFor(requestId: string, { actions, runs }: TenantRecord): TenantRecord['runs'] {
  const mine = new Set(
    actions.filter((a) => JSON.stringify(a.commands).includes(`${requestId}.zip`)).map((a) => a.actionId),
  );
  return runs.filter(({ actionId }) => mine.has(actionId));
}

const custodyOf = (system: KillableSystem, collectionId: string) =>
  readAll(`${system.hostUrl}/collections/${collectionId}/custody`, CustodyEventView);

async function untilCallbackIsDelivered(system: KillableSystem, collectionId: string): Promise<void> {
  await until(`the callback of ${collectionId} is delivered`, async () =>
    (await custodyOf(system, collectionId)).find(({ type }) => type === 'callback.delivered'),
  );
}

async function expectUnbrokenCustody(system: KillableSystem, collectionId: string): Promise<void> {
  const events = await custodyOf(system, collectionId);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at + 1));
  for (const once of ['collection.accepted', 'collection.expanded', 'collection.ended', 'callback.delivered'])
    expect(events.filter(({ type }) => type === once)).toHaveLength(1);
}

async function expectEvidenceThatVerifies(system: KillableSystem, collectionId: string): Promise<void> {
  const lines: string[] = [];
  const code = await verify([evidenceAddress(system.stateConnectionString, `INC-KILL/${collectionId}`)], (line) =>
    lines.push(line),
  );
  expect({ code, lines }).toEqual({ code: 0, lines: [expect.stringMatching(/^Fits/), expect.any(String)] });
}

function expectOneEvent({ requestId }: Asked, operation: EndedOperation, callbacks: CallbackReceiver): void {
  const bodies = callbacks.receivedFor(requestId).map((body) => CallbackBody.parse(body));
  expect(bodies.length, `callbacks of ${requestId}`).toBeGreaterThan(0);
  expect(new Set(bodies.map(({ eventId }) => eventId)).size).toBe(1);
  for (const { id, status, outcome } of bodies)
    expect({ id, status, outcome }).toEqual({
      id: operation.id,
      status: operation.status,
      outcome: operation.outcome,
    });
}
