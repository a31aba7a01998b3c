import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MachineActionEntity } from '../../../../infra/local/simulated-tenant/model/machine-action.ts';
import { anna, listed, request, SECOND, START, tenantWith } from './virtual-tenant.ts';

const FINAL = ['Succeeded', 'Failed', 'TimeOut', 'Cancelled'];
const NAMES = ['a', 'b', 'c', 'd'];
const SESSIONS = 3;

/** One step of a story: something happens to a device, some time after the step before. */
const step = fc.record({
  what: fc.constantFrom('submit', 'cancel', 'wake', 'sleep', 'look'),
  device: fc.nat(NAMES.length - 1),
  afterMs: fc.nat(20 * SECOND),
});

/** What the tenant shows after each step of a story. */
function* told(story: { what: string; device: number; afterMs: number }[]) {
  const tenant = tenantWith(
    { sessions: SESSIONS },
    NAMES.map((computerDnsName) => anna({ computerDnsName })),
  );
  const machineIds = [...tenant.state.devices.keys()];
  let now = START;
  for (const { what, device, afterMs } of story) {
    now += afterMs;
    const machineId = machineIds[device] ?? '';
    if (what === 'submit') tenant.submit(machineId, request(), now);
    if (what === 'wake') tenant.wake(machineId, now);
    if (what === 'sleep') tenant.sleep(machineId, now);
    if (what === 'cancel') tenant.cancel(tenant.state.ledger.ofMachine(machineId).at(-1)?.id ?? '', {}, now);
    yield { tenant, now, actions: listed(tenant, {}, now) };
  }
}

const isOpen = (action: MachineActionEntity) => !FINAL.includes(action.status);

describe('whatever happens', () => {
  it('no more sessions are open than allowed, and no device has two', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (story) => {
        for (const { actions } of told(story)) {
          const open = actions.filter(isOpen).map((action) => action.machineId);
          expect(open.length).toBeLessThanOrEqual(SESSIONS);
          expect(new Set(open).size).toBe(open.length);
        }
      }),
    );
  });

  it('a final status never changes, and a run that has begun is never cancelled', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (story) => {
        const before = new Map<string, string>();
        for (const { actions } of told(story)) {
          for (const { id, status } of actions) {
            const was = before.get(id);
            if (was !== undefined && FINAL.includes(was)) expect(status).toBe(was);
            if (was === 'InProgress') expect(['InProgress', 'Succeeded']).toContain(status);
            before.set(id, status);
          }
        }
      }),
    );
  });

  it('a list by a filter shows what looking through all rows would', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (story) => {
        for (const { tenant, now, actions } of told(story)) {
          const ids = (rows: MachineActionEntity[]) => rows.map((row) => row.id).sort();
          const open = listed(tenant, { $filter: "status in ('Pending','InProgress')" }, now);
          expect(ids(open)).toEqual(ids(actions.filter(isOpen)));
          const machineId = actions[0]?.machineId ?? 'x';
          const ofMachine = listed(tenant, { $filter: `machineId eq '${machineId}'` }, now);
          expect(ids(ofMachine)).toEqual(ids(actions.filter((action) => action.machineId === machineId)));
        }
      }),
    );
  });
});
