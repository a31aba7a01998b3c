import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../shared/domain/action.ts';
import type { Target } from '../../../shared/domain/request/collection-request.ts';
import { fitsName, isActive, MOST_TASKS, matchTarget } from '../../../shared/domain/target-match.ts';
import { aMachine, machineId, NOON } from './samples.ts';

const named = (n: number, computerDnsName: string, fields: Partial<Machine> = {}): Machine =>
  aMachine(n, { computerDnsName, ...fields });
const found = (target: Target, machines: Machine[]): string => {
  const match = matchTarget(target, machines);
  if (match.kind === 'one') return match.machine.machineId;
  return match.kind === 'many' ? `${match.machines.length} machines` : match.failure.code;
};

describe('a name', () => {
  it.each<[string, string, boolean]>([
    ['ws01.contoso.com', 'ws01.contoso.com', true],
    ['WS01.Contoso.com', 'ws01.contoso.COM', true],
    ['ws01', 'ws01.contoso.com', true],
    ['WS01', 'ws01', true],
    ['ws0', 'ws01.contoso.com', false],
    ['ws01', 'ws01a.contoso.com', false],
    ['ws01.contoso', 'ws01.contoso.com', false],
    ['ws01.contoso.com', 'ws01', false],
    ['contoso', 'ws01.contoso.com', false],
  ])('%s for %s: %s', (asked, name, fits) => {
    expect(fitsName(asked, name)).toBe(fits);
  });

  it('fits no machine that has none', () => {
    expect(fitsName('ws01', undefined)).toBe(false);
  });
});

describe('a machine is active', () => {
  it.each<[Partial<Machine>, boolean]>([
    [{ healthStatus: 'Active', onboardingStatus: 'Onboarded' }, true],
    [{ healthStatus: 'ImpairedCommunication', onboardingStatus: 'Onboarded' }, true],
    [{ healthStatus: 'Inactive', onboardingStatus: 'Onboarded' }, false],
    [{ healthStatus: 'NoSensorData', onboardingStatus: 'Onboarded' }, false],
    [{ healthStatus: 'NoSensorDataImpairedCommunication', onboardingStatus: 'Onboarded' }, false],
    [{ healthStatus: 'Active', onboardingStatus: 'CanBeOnboarded' }, false],
    [{ healthStatus: 'Active', onboardingStatus: 'InsufficientInfo' }, false],
  ])('%j: %s', (fields, active) => {
    expect(isActive(aMachine(1, fields))).toBe(active);
  });

  it('as long as Defender does not say otherwise', () => {
    expect(isActive({ machineId: machineId(1), machineTags: [] })).toBe(true);
  });
});

describe('a target', () => {
  const inactive = { healthStatus: 'Inactive' };

  it('that fits one machine means it, whatever its health', () => {
    expect(found({ computerDnsName: 'ws01' }, [named(1, 'ws01.a.com', inactive), named(2, 'ws02.a.com')])).toBe(
      machineId(1),
    );
  });

  it('that fits several means the only active one', () => {
    expect(found({ computerDnsName: 'ws01' }, [named(1, 'ws01.a.com', inactive), named(2, 'ws01.b.com')])).toBe(
      machineId(2),
    );
  });

  it('that fits several active ones is never guessed: the candidates are told, without the inactive', () => {
    const machines = [named(1, 'ws01.a.com', { lastSeenAt: NOON }), named(2, 'ws01.b.com'), named(3, 'ws01', inactive)];
    const match = matchTarget({ computerDnsName: 'ws01' }, machines);
    expect(match).toMatchObject({ kind: 'failed', failure: { code: 'AmbiguousTarget' } });
    expect(match.kind === 'failed' && match.failure.candidates).toEqual([
      {
        machineId: machineId(1),
        computerDnsName: 'ws01.a.com',
        healthStatus: 'Active',
        onboardingStatus: 'Onboarded',
        lastSeen: '2026-11-24T12:00:00.000Z',
      },
      { machineId: machineId(2), computerDnsName: 'ws01.b.com', healthStatus: 'Active', onboardingStatus: 'Onboarded' },
    ]);
  });

  it('that fits several inactive ones only tells these', () => {
    const match = matchTarget({ computerDnsName: 'ws01' }, [named(1, 'ws01', inactive), named(2, 'ws01', inactive)]);
    expect(match.kind === 'failed' && match.failure.candidates).toHaveLength(2);
  });

  it('that fits none fails alone', () => {
    expect(found({ computerDnsName: 'ws09' }, [named(1, 'ws01')])).toBe('MachineNotFound');
    expect(found({ machineTag: 'Tier 0' }, [aMachine(1)])).toBe('MachineNotFound');
  });

  it('is found by machine id, by Entra device id in any letter case, and by an address Defender answered for', () => {
    const aadDeviceId = 'aaaaaaaa-0000-0000-0000-000000000001';
    const machines = [aMachine(1), aMachine(2, { aadDeviceId: aadDeviceId.toUpperCase() })];
    expect(found({ machineId: machineId(1) }, machines)).toBe(machineId(1));
    expect(found({ aadDeviceId }, machines)).toBe(machineId(2));
    expect(found({ ipAddress: '10.0.0.1', at: '2026-11-24T11:00:00Z' }, [aMachine(3)])).toBe(machineId(3));
  });

  it('is one machine even when Defender lists it twice', () => {
    expect(found({ computerDnsName: 'ws1' }, [aMachine(1), aMachine(1)])).toBe(machineId(1));
    expect(found({ machineTag: 'a' }, [aMachine(1, { machineTags: ['a'] }), aMachine(1, { machineTags: ['a'] })])).toBe(
      '1 machines',
    );
  });

  it('means the same in whatever order Defender lists the machines', () => {
    const machines = [
      named(1, 'ws01.a.com', inactive),
      named(2, 'ws01.b.com'),
      named(3, 'ws02.a.com'),
      named(4, 'ws03.a.com'),
      named(5, 'ws03.b.com'),
    ];
    const name = fc.constantFrom('ws01', 'ws02', 'ws03', 'ws04', 'ws03.b.com');
    fc.assert(
      fc.property(name, fc.shuffledSubarray(machines, { minLength: 5 }), (computerDnsName, shuffled) => {
        expect(found({ computerDnsName }, shuffled)).toBe(found({ computerDnsName }, machines));
      }),
    );
  });
});

describe('a tag', () => {
  const tagged = (n: number, fields: Partial<Machine> = {}) => aMachine(n, { machineTags: ['Tier 0'], ...fields });

  it('stands for every active machine with exactly that tag', () => {
    const machines = [
      tagged(1),
      tagged(2, { healthStatus: 'Inactive' }),
      aMachine(3, { machineTags: ['tier 0'] }),
      aMachine(4, { machineTags: ['Tier 0b'] }),
      tagged(5, { machineTags: ['x', 'Tier 0'] }),
    ];
    expect(matchTarget({ machineTag: 'Tier 0' }, machines)).toMatchObject({
      kind: 'many',
      machines: [{ machineId: machineId(1) }, { machineId: machineId(5) }],
    });
  });

  it('stands for at most as many as a collection can hold', () => {
    const fleet = Array.from({ length: MOST_TASKS + 1 }, (_, n) => tagged(n));
    expect(found({ machineTag: 'Tier 0' }, fleet.slice(1))).toBe('1000 machines');
    expect(found({ machineTag: 'Tier 0' }, fleet)).toBe('TooManyMachines');
  });
});
