import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../infra/local/simulated-tenant/model/faults.ts';
import { machineIdOf, type ScenarioInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import type { TenantModel } from '../../infra/local/simulated-tenant/model/tenant-model.ts';
import type { Command } from '../../shared/domain/request/collection-request.ts';
import { minutes, seconds } from '../../shared/domain/time.ts';
import type { ActionSnapshot, Defender, Machine, Reply } from '../../shared/ports.ts';

export interface OpenDefender {
  defender: Defender;
  /** To script what goes wrong. */
  model: TenantModel;
  close(): Promise<void>;
}

/** Opens the port on a tenant with this scenario, which lives by `now`. */
export type OpenDefenderOn = (scenario: ScenarioInput, now: () => number) => Promise<OpenDefender>;

const START = Date.UTC(2026, 0, 1, 12);
const DEVICES = ['ws01.contoso.com', 'ws02.contoso.com', 'ws03.contoso.com', 'ws04.contoso.com', 'ws05.contoso.com'];
const WS01 = machineIdOf('ws01.contoso.com');
const WS02 = machineIdOf('ws02.contoso.com');
const UNKNOWN = 'f'.repeat(40);
const COMMANDS: Command[] = [
  { type: 'PutFile', fileName: 'tool.exe' },
  { type: 'RunScript', scriptName: 'collect.ps1', args: '-Deep' },
  { type: 'GetFile', path: 'C:\\Windows\\Temp\\out.zip' },
];

function scenario(switches: ScenarioInput['switches'] = {}): ScenarioInput {
  return {
    devices: DEVICES.map((computerDnsName, n) => ({
      computerDnsName,
      lastIpAddress: `10.0.0.${n + 1}`,
      aadDeviceId: `0000000${n}-1111-4222-8333-444444444444`,
      machineTags: ['finance'],
      ...(n === 4 ? { remediationLevel: false } : {}),
    })),
    switches,
  };
}

function answered<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`${reply.fault.kind} instead of a value`);
  return reply.value;
}

/** What every implementation of the Defender port does, on the simulated tenant. */
export function defenderContract(name: string, open: OpenDefenderOn): void {
  describe(`${name} as Defender`, () => {
    let now = START;
    let opened: OpenDefender;
    let defender: Defender;
    const openWith = async (switches: ScenarioInput['switches']): Promise<void> => {
      await opened?.close();
      opened = await open(scenario(switches), () => now);
      defender = opened.defender;
    };
    beforeEach(async () => {
      now = START;
      await openWith({});
    });
    afterEach(() => opened.close());

    const submit = (machineId = WS01, commands = COMMANDS): Promise<Reply<ActionSnapshot>> =>
      defender.submit({ machineId, commands, comment: 'INC-1 [token-1]' });
    const goesWrong = (endpoint: 'runLiveResponse' | 'getMachineAction', fault: Fault): void =>
      opened.model.state.faults.add({ endpoint, times: 1, skip: 0, fault });

    it('starts an action that carries comment and commands', async () => {
      const action = answered(await submit());
      expect(action).toMatchObject({
        type: 'LiveResponse',
        status: 'pending',
        rawStatus: 'Pending',
        machineId: WS01,
        computerDnsName: 'ws01.contoso.com',
        requestorComment: 'INC-1 [token-1]',
        createdAt: START,
      });
      expect(action).not.toHaveProperty('errorHResult');
      expect(action.commands).toEqual(
        COMMANDS.map((command, index) => ({ index, command, status: 'created', errors: [] })),
      );
    });

    it('shows an action through to its end', async () => {
      const { machineActionId } = answered(await submit());
      const seen = new Set<string>();
      while (now < START + minutes(5)) {
        seen.add(answered(await defender.action(machineActionId)).status);
        now += seconds(5);
      }
      expect([...seen]).toEqual(['pending', 'inProgress', 'succeeded']);
      const { commands, updatedAt } = answered(await defender.action(machineActionId));
      expect(commands.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
      expect(commands.every(({ startedAt = 0, endedAt = 0 }) => START < startedAt && startedAt < endedAt)).toBe(true);
      expect(updatedAt).toBeGreaterThan(commands[2]?.endedAt ?? Number.POSITIVE_INFINITY);
    });

    it('gives a link to a result once there is one', async () => {
      const { machineActionId } = answered(await submit());
      expect(await defender.resultLink(machineActionId, 2)).toMatchObject({ fault: { kind: 'notFound' } });
      now += minutes(5);
      expect(answered(await defender.resultLink(machineActionId, 2))).toMatch(/^https?:\/\/\S+$/);
      expect(await defender.resultLink(machineActionId, 0)).toMatchObject({
        fault: { kind: 'refused', httpStatus: 400 },
      });
    });

    it('lists actions by id in one call, leaving out what it does not know', async () => {
      const one = answered(await submit(WS01)).machineActionId;
      const two = answered(await submit(WS02)).machineActionId;
      const page = answered(await defender.listActions({ ids: [one, two, 'nobody', "o'brien"] }));
      expect(page.value.map(({ machineActionId }) => machineActionId).toSorted()).toEqual([one, two].toSorted());
      expect(page).not.toHaveProperty('next');
    });

    it('lists the live responses of one machine, newest first', async () => {
      const first = answered(await submit(WS01)).machineActionId;
      await submit(WS02);
      now += minutes(5);
      const second = answered(await submit(WS01)).machineActionId;
      const page = answered(await defender.listActions({ machineId: WS01 }));
      expect(page.value.map(({ machineActionId }) => machineActionId)).toEqual([second, first]);
    });

    it('follows the pages of a list', async () => {
      await openWith({ pageSize: 2 });
      const machines: Machine[] = [];
      let next: string | undefined;
      let calls = 0;
      do {
        const page = answered(await defender.machines(next));
        machines.push(...page.value);
        next = page.next;
        calls += 1;
      } while (next !== undefined && calls < 10);
      expect(machines.map(({ computerDnsName }) => computerDnsName).toSorted()).toEqual(DEVICES);
      expect(calls).toBe(3);
    });

    it('cancels an action that has not begun', async () => {
      const { machineActionId } = answered(await submit());
      expect(answered(await defender.cancel(machineActionId, 'enough')).machineActionId).toBe(machineActionId);
      now += minutes(1);
      expect(answered(await defender.action(machineActionId)).status).toBe('cancelled');
      expect(await defender.cancel(machineActionId, 'again')).toMatchObject({ fault: { kind: 'refused' } });
    });

    it('tells a busy machine, an unknown one and a forbidden one apart', async () => {
      await submit();
      expect(await submit()).toMatchObject({ ok: false, fault: { kind: 'machineBusy' } });
      expect(await submit(UNKNOWN)).toMatchObject({ fault: { kind: 'notFound', code: 'ResourceNotFound' } });
      expect(await submit(machineIdOf('ws05.contoso.com'))).toMatchObject({
        fault: { kind: 'refused', httpStatus: 403, code: 'DisallowedOperation' },
      });
    });

    it('does not find what is not there', async () => {
      const replies = [
        defender.action('x'),
        defender.cancel('x', ''),
        defender.machine('x'),
        defender.resultLink('x', 0),
      ];
      for (const reply of await Promise.all(replies)) expect(reply).toMatchObject({ fault: { kind: 'notFound' } });
    });

    it('says when a rate that is spent comes back', async () => {
      await openWith({ submitsPerMinute: 1 });
      await submit(WS01);
      now += seconds(20);
      expect(await submit(WS02)).toMatchObject({ fault: { kind: 'rateLimited', retryAfterMs: seconds(40) } });
    });

    it('leaves the time out where Defender does', async () => {
      await openWith({ submitsPerMinute: 1, retryAfterHeader: false });
      await submit(WS01);
      const reply = await submit(WS02);
      expect(reply).toMatchObject({ fault: { kind: 'rateLimited' } });
      expect(reply.ok || reply.fault).not.toHaveProperty('retryAfterMs');
    });

    it.each<Fault>([
      { kind: 'reset' },
      { kind: 'loseReply' },
      { kind: 'emptyBody' },
      { kind: 'garbledBody' },
      { kind: 'error', status: 500, message: '' },
      { kind: 'error', status: 503, code: 'ServiceUnavailable', message: 'm' },
    ])('cannot say whether a submit took effect after $kind $status', async (fault) => {
      goesWrong('runLiveResponse', fault);
      expect(await submit()).toMatchObject({ ok: false, fault: { kind: 'unavailable', reached: true } });
    });

    it('shows by the comment an action whose answer was lost', async () => {
      goesWrong('runLiveResponse', { kind: 'loseReply' });
      await submit();
      const page = answered(await defender.listActions({ machineId: WS01 }));
      expect(page.value).toMatchObject([{ requestorComment: 'INC-1 [token-1]', status: 'pending' }]);
    });

    it('takes an empty answer to a read for none', async () => {
      const { machineActionId } = answered(await submit());
      goesWrong('getMachineAction', { kind: 'emptyBody' });
      expect(await defender.action(machineActionId)).toMatchObject({ fault: { kind: 'unavailable' } });
      expect(await defender.action(machineActionId)).toMatchObject({ ok: true });
    });

    it('reads words, fields and fractions that no page documents', async () => {
      await openWith({
        extraFields: true,
        unknownStatuses: true,
        fractionDigits: 'vary',
        lastUpdateField: 'lastUpdateTimeUtc',
      });
      const action = answered(await submit());
      expect(action).toMatchObject({ status: 'unknown', rawStatus: 'Queued' });
      expect(action.updatedAt ?? 0).toBeGreaterThan(START - seconds(1));
      now += minutes(5);
      expect(answered(await defender.action(action.machineActionId)).status).toBe('succeeded');
    });

    it('finds a machine by id, name and address', async () => {
      const expected = {
        machineId: WS01,
        computerDnsName: 'ws01.contoso.com',
        aadDeviceId: '00000000-1111-4222-8333-444444444444',
        healthStatus: 'Active',
        onboardingStatus: 'Onboarded',
        machineTags: ['finance'],
      };
      expect(answered(await defender.machine(WS01))).toMatchObject(expected);
      expect(answered(await defender.machine('ws01.contoso.com'))).toMatchObject(expected);
      expect(answered(await defender.machinesByIp('10.0.0.1', now))).toMatchObject([expected]);
      expect(answered(await defender.machinesByIp('10.9.9.9', now))).toEqual([]);
      expect(await defender.machinesByIp('10.0.0.1', 0)).toMatchObject({ fault: { kind: 'refused', httpStatus: 400 } });
    });
  });
}
