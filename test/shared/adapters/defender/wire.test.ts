import { describe, expect, it } from 'vitest';
import { readHResult } from '../../../../shared/adapters/defender/wire/hresult.ts';
import { readInstant } from '../../../../shared/adapters/defender/wire/instant.ts';
import { readMachine } from '../../../../shared/adapters/defender/wire/machine.ts';
import { readAction } from '../../../../shared/adapters/defender/wire/machine-action.ts';

describe('instants of Defender', () => {
  const whole = Date.parse('2024-10-21T11:25:48Z');

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('are read with %i fractional digits', (digits) => {
    const fraction = digits === 0 ? '' : `.${'3308187'.slice(0, digits)}`;
    const ms = Number('330'.slice(0, digits).padEnd(3, '0'));
    expect(readInstant(`2024-10-21T11:25:48${fraction}Z`)).toBe(whole + (digits === 0 ? 0 : ms));
  });

  it('are UTC without a zone and honour an offset', () => {
    expect(readInstant('2024-10-21T11:25:48')).toBe(whole);
    expect(readInstant('2024-10-21T13:25:48+02:00')).toBe(whole);
  });

  it.each([null, undefined, 5, '', 'soon', '2024-13-41T99:00:00Z', '0001-01-01T00:00:00Z'])('%s is none', (value) => {
    expect(readInstant(value)).toBeUndefined();
  });
});

describe('result codes of Defender', () => {
  it.each([
    [-2147024894, -2147024894],
    [2147942402, -2147024894],
    ['-2147024894', -2147024894],
    ['0x80070002', -2147024894],
    ['18446744071562067970', -2147483646],
    [0, undefined],
    ['0', undefined],
    [1e300, undefined],
    [1.5, undefined],
    ['9'.repeat(400), undefined],
    [null, undefined],
    [{}, undefined],
  ])('%s is %s', (value, code) => {
    expect(readHResult(value)).toBe(code);
  });
});

describe('an action of Defender', () => {
  it('is read with everything that it tells', () => {
    const entry = {
      '@odata.context': 'x',
      id: '0c2b-1',
      type: 'LiveResponse',
      status: 'InProgress',
      machineId: 'A'.repeat(40),
      computerDnsName: 'ws01.contoso.com',
      requestorComment: ' why [token] ',
      creationDateTimeUtc: '2024-10-21T11:25:48.3308187Z',
      lastUpdateTimeUtc: '2024-10-21T11:25:49Z',
      errorHResult: -2147023436,
      somethingNew: { a: 1 },
      commands: [
        {
          index: 1,
          startTime: null,
          endTime: null,
          commandStatus: 'PendingResource',
          errors: null,
          command: { type: 'GetFile', params: [{ key: 'Path', value: 'C:\\a' }] },
        },
        {
          index: 0,
          startTime: '2024-10-21T11:26:00Z',
          endTime: '2024-10-21T11:26:05.5Z',
          commandStatus: 'completed',
          errors: [],
          command: {
            type: 'RunScript',
            params: [
              { key: 'ScriptName', value: 'x.ps1' },
              { key: 'Args', value: '-a' },
            ],
          },
        },
      ],
    };
    expect(readAction(entry)).toEqual({
      machineActionId: '0c2b-1',
      type: 'LiveResponse',
      status: 'inProgress',
      rawStatus: 'InProgress',
      machineId: 'a'.repeat(40),
      computerDnsName: 'ws01.contoso.com',
      requestorComment: ' why [token] ',
      createdAt: Date.parse('2024-10-21T11:25:48.330Z'),
      updatedAt: Date.parse('2024-10-21T11:25:49Z'),
      errorHResult: -2147023436,
      commands: [
        {
          index: 0,
          status: 'completed',
          startedAt: Date.parse('2024-10-21T11:26:00Z'),
          endedAt: Date.parse('2024-10-21T11:26:05.500Z'),
          errors: [],
          command: { type: 'RunScript', scriptName: 'x.ps1', args: '-a' },
        },
        { index: 1, status: 'created', errors: [], command: { type: 'GetFile', path: 'C:\\a' } },
      ],
    });
  });

  it('needs nothing but its id', () => {
    expect(readAction({ id: 'x' })).toEqual({
      machineActionId: 'x',
      type: 'Unknown',
      status: 'unknown',
      rawStatus: '',
      machineId: '',
      requestorComment: '',
      commands: [],
    });
    expect(readAction({ id: '' })).toBeUndefined();
    expect(readAction('x')).toBeUndefined();
  });

  it.each([
    ['Canceled', 'cancelled'],
    ['CANCELLED', 'cancelled'],
    ['TimeOut', 'timeOut'],
    ['timeout', 'timeOut'],
    ['succeeded', 'succeeded'],
    ['Quarantined', 'unknown'],
  ])('%s is %s', (word, status) => {
    expect(readAction({ id: 'x', status: word })).toMatchObject({ status, rawStatus: word });
  });

  it('is read with commands of every odd shape', () => {
    const action = readAction({
      id: 'x',
      commands: [
        null,
        'text',
        { index: '2', commandStatus: 'Exploded', errors: 'one text', command: { type: 'Reboot', params: [] } },
        {
          index: -1,
          commandStatus: 5,
          errors: [{ code: 'E1', message: 'm' }, { message: 'n' }, { odd: 1 }, null, 'z'],
        },
        {
          commandStatus: 'Failed',
          errors: ['see https://a/b?sig=S'],
          command: { type: 'putfile', params: [{ key: 'filename', value: 't' }] },
        },
      ],
    });
    expect(action?.commands).toEqual([
      { index: 2, status: 'unknown', errors: ['one text'] },
      { index: 3, status: 'unknown', errors: ['E1: m', 'n', '{"odd":1}', 'z'] },
      { index: 4, status: 'failed', errors: ['see [link removed]'], command: { type: 'PutFile', fileName: 't' } },
    ]);
  });
});

describe('a machine of Defender', () => {
  it('is read with what the choice of a target needs', () => {
    expect(
      readMachine({
        id: 'AB',
        computerDnsName: 'ws01',
        aadDeviceId: 'F0-AA',
        osPlatform: 'Windows11',
        healthStatus: 'Active',
        onboardingStatus: 'onboarded',
        lastSeen: '2024-10-21T11:25:48.3308187Z',
        machineTags: ['finance', 7, null],
        riskScore: 'None',
      }),
    ).toEqual({
      machineId: 'ab',
      computerDnsName: 'ws01',
      aadDeviceId: 'f0-aa',
      osPlatform: 'Windows11',
      healthStatus: 'Active',
      onboardingStatus: 'onboarded',
      lastSeenAt: Date.parse('2024-10-21T11:25:48.330Z'),
      machineTags: ['finance'],
    });
  });

  it('needs nothing but its id', () => {
    expect(readMachine({ id: 'ab', computerDnsName: null, machineTags: null })).toEqual({
      machineId: 'ab',
      machineTags: [],
    });
    expect(readMachine({ computerDnsName: 'x' })).toBeUndefined();
  });
});

describe('what no row or address could hold', () => {
  it.each(['\ud800', 'a/b', 'x'.repeat(129), '..\\', 'a b', '__proto__', 'constructor'])('is no id: %j', (id) => {
    expect(readAction({ id })).toBeUndefined();
    expect(readMachine({ id })).toBeUndefined();
  });

  it('is no name and no status either', () => {
    const huge = 'x'.repeat(1_048_576);
    expect(readAction({ id: 'a', status: huge, computerDnsName: huge, machineId: huge, type: huge })).toEqual({
      machineActionId: 'a',
      type: 'Unknown',
      status: 'unknown',
      rawStatus: '',
      machineId: '',
      requestorComment: '',
      commands: [],
    });
  });

  it('is cut from errors: those of twenty commands fit one row, however they are escaped', () => {
    const errors = Array.from({ length: 1000 }, () => 'ü'.repeat(1000));
    const action = readAction({ id: 'a', commands: Array.from({ length: 20 }, () => ({ errors })) });
    expect(action?.commands).toHaveLength(20);
    const kept = action?.commands.flatMap((c) => c.errors).join('') ?? '';
    expect(kept.length).toBeGreaterThan(20_000);
    expect(kept.length * '\\u00fc'.length).toBeLessThan(300_000);
  });

  it('is told of, not repeated: an error nested without end', () => {
    const nested: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    const action = readAction({ id: 'a', commands: [{ errors: [nested, 'E1'] }] });
    expect(action?.commands[0]?.errors).toEqual(['An error that is nested too deeply to repeat.', 'E1']);
  });
});
