import { afterEach, describe, expect, it } from 'vitest';
import { machineIdOf, type ScenarioInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import { minutes, seconds } from '../../shared/domain/time.ts';
import type { DefenderPage, Machine, Reply } from '../../shared/ports.ts';
import type { OpenDefender, OpenDefenderOn } from './defender.contract.ts';

const START = Date.UTC(2026, 0, 1, 12);

/** Where lists are full, answers late and caps reached: what every implementation of the Defender port does there. */
export function defenderEdgesContract(name: string, open: OpenDefenderOn): void {
  describe(`${name} as a Defender at its limits`, () => {
    let now = START;
    let opened: OpenDefender | undefined;
    afterEach(() => opened?.close());

    const openOn = async (devices: number, switches: ScenarioInput['switches'] = {}): Promise<OpenDefender> => {
      now = START;
      const some = { submitsPerMinute: 1_000, callsPerMinute: 1_000, sessions: 1_000, ...switches };
      const names = Array.from({ length: devices }, (_, n) => ({ computerDnsName: nameOf(n) }));
      opened = await open({ devices: names, switches: some }, () => now);
      return opened;
    };
    const submit = async (n: number): Promise<string> => {
      const run = { machineId: machineIdOf(nameOf(n)), commands: [GET_FILE], comment: `c${n}` };
      return answered((await opened?.defender.submit(run)) ?? NOTHING).machineActionId;
    };

    it('takes a hundred ids in one call, known and unknown ones, and refuses one more before it is sent', async () => {
      const { defender, model } = await openOn(60);
      const ids: string[] = [];
      for (let n = 0; n < 60; n += 1) ids.push(await submit(n));
      const unknown = Array.from(
        { length: 40 },
        (_, n) => `${'0'.repeat(8)}-0000-4000-8000-${String(n).padStart(12, '0')}`,
      );
      const page = answered(await defender.listActions({ ids: [...unknown, ...ids] }));
      expect(page.value.map(({ machineActionId }) => machineActionId).toSorted()).toEqual(ids.toSorted());
      const calls = model.state.record.calls.length;
      await expect(defender.listActions({ ids: [...unknown, ...ids, 'x'] })).rejects.toThrow(RangeError);
      expect(answered(await defender.listActions({ ids: [] }))).toEqual({ value: [] });
      expect(model.state.record.calls.length).toBe(calls);
    });

    it('gives a list in pages where the tenant gives no more at once', async () => {
      const { defender } = await openOn(5, { pageSize: 2 });
      const ids: string[] = [];
      for (let n = 0; n < 5; n += 1) ids.push(await submit(n));
      const pages: string[][] = [];
      let next: string | undefined;
      do {
        const page = answered(await defender.listActions({ ids }, next));
        pages.push(page.value.map(({ machineActionId }) => machineActionId));
        next = page.next;
      } while (next !== undefined);
      expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
      expect(pages.flat().toSorted()).toEqual(ids.toSorted());
    });

    it('gives 10,001 machines in two pages', async () => {
      const { defender } = await openOn(10_001);
      const first: DefenderPage<Machine> = answered(await defender.machines());
      expect(first.value).toHaveLength(10_000);
      const second = answered(await defender.machines(first.next));
      expect(second.value).toHaveLength(1);
      expect(second.next).toBeUndefined();
      expect(new Set([...first.value, ...second.value].map(({ machineId }) => machineId)).size).toBe(10_001);
    });

    it('does not show an action for a while after it was accepted, yet holds its machine busy', async () => {
      const { defender } = await openOn(1, { readGapMs: seconds(20) });
      const id = await submit(0);
      expect(await defender.action(id)).toMatchObject({ fault: { kind: 'notFound' } });
      expect(await defender.cancel(id, 'early')).toMatchObject({ fault: { kind: 'notFound' } });
      expect(answered(await defender.listActions({ ids: [id] })).value).toEqual([]);
      const again = { machineId: machineIdOf(nameOf(0)), commands: [GET_FILE], comment: 'again' };
      expect(await defender.submit(again)).toMatchObject({ fault: { kind: 'machineBusy' } });
      now += seconds(20);
      expect(answered(await defender.listActions({ ids: [id] })).value).toHaveLength(1);
    });

    it('keeps the success that a cancel came too late for', async () => {
      const { defender } = await openOn(1, { cancelDelayMs: minutes(30) });
      const id = await submit(0);
      expect(answered(await defender.cancel(id, 'too late')).status).toBe('pending');
      now += minutes(10);
      expect(answered(await defender.action(id)).status).toBe('succeeded');
      expect(await defender.resultLink(id, 0)).toMatchObject({ ok: true });
    });

    it('tells two who cancel the same action the same', async () => {
      const { defender } = await openOn(1);
      const id = await submit(0);
      const [one, two] = await Promise.all([defender.cancel(id, 'one'), defender.cancel(id, 'two')]);
      expect([one, two]).toMatchObject([{ ok: true }, { ok: true }]);
      now += minutes(1);
      expect(answered(await defender.action(id)).status).toBe('cancelled');
    });

    it('refuses the session that is one too many with a wait, and takes it when one has ended', async () => {
      const { defender } = await openOn(2, { sessions: 1 });
      await submit(0);
      const second = { machineId: machineIdOf(nameOf(1)), commands: [GET_FILE], comment: 'second' };
      expect(await defender.submit(second)).toMatchObject({
        fault: { kind: 'rateLimited', message: 'Too many live response sessions', retryAfterMs: seconds(60) },
      });
      now += minutes(10);
      expect(await defender.submit(second)).toMatchObject({ ok: true });
    });

    it('refuses the call that is one too many in a minute with the rest of the minute', async () => {
      const { defender } = await openOn(1, { callsPerMinute: 2 });
      const list = () => defender.listActions({ ids: ['x'] });
      expect([await list(), await list()]).toMatchObject([{ ok: true }, { ok: true }]);
      now += seconds(15);
      expect(await list()).toMatchObject({ fault: { kind: 'rateLimited', retryAfterMs: seconds(45) } });
      now += seconds(45);
      expect(await list()).toMatchObject({ ok: true });
    });

    it('asks once more with a new token where one is refused, and then no more', async () => {
      const { defender, model } = await openOn(1);
      const fault = { kind: 'error' as const, status: 401, code: 'Unauthorized', message: 'expired' };
      model.state.faults.add({ endpoint: 'listMachineActions', times: 1, skip: 0, fault });
      expect(await defender.listActions({ ids: ['x'] })).toMatchObject({ ok: true });
      model.state.faults.add({ endpoint: 'listMachineActions', times: 3, skip: 0, fault });
      expect(await defender.listActions({ ids: ['x'] })).toMatchObject({ fault: { kind: 'refused', httpStatus: 401 } });
      expect(model.state.record.calls).toHaveLength(4);
    });
  });
}

const nameOf = (n: number): string => `ws${n}.contoso.com`;
const GET_FILE = { type: 'GetFile' as const, path: 'C:\\Windows\\win.ini' };
const NOTHING = { ok: false, fault: { kind: 'unavailable', message: 'not open', reached: false } } as const;

function answered<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`${reply.fault.kind} instead of a value`);
  return reply.value;
}
