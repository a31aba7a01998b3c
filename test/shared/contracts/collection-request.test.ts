import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCollectionRequest, type RequestRules } from '../../../shared/contracts/collection-request.ts';

const NOW = Date.parse('2026-11-24T10:00:00Z');
const MACHINE = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07';
const rules: RequestRules = { now: NOW, callbackHosts: ['.logic.azure.com'], loopbackAllowed: false };
const GET_FILE = { type: 'GetFile', path: 'C:\\Windows\\Temp\\out.zip' };
const plain = { targets: [{ machineId: MACHINE }], commands: [GET_FILE] };

/** `target: code` of every fault; empty for a good request. */
function faultsOf(body: unknown, more: Partial<RequestRules> = {}): string[] {
  const parsed = parseCollectionRequest(body, { ...rules, ...more });
  return parsed.ok ? [] : (parsed.error.details ?? []).map(({ target, code }) => `${target}: ${code}`);
}

function accepted(body: unknown, more: Partial<RequestRules> = {}) {
  const parsed = parseCollectionRequest(body, { ...rules, ...more });
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed;
}

describe('a collection request', () => {
  it('needs only targets and commands', () => {
    expect(accepted(plain).request).toEqual({
      targets: [{ machineId: MACHINE }],
      commands: [{ ...GET_FILE, index: 0 }],
      priority: 'normal',
      expiresAt: '2026-12-01T10:00:00.000Z',
      given: ['targets', 'commands'],
    });
  });

  it('takes every field of the contract', () => {
    const { request } = accepted({
      ...plain,
      requestId: 'r1',
      comment: 'why',
      caseId: 'INC-1234',
      priority: 'urgent',
      expiresAt: '2026-11-25T12:00:00.1234567+02:00',
      callbackUrl: 'https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y',
    });
    expect(request).toMatchObject({
      requestId: 'r1',
      comment: 'why',
      caseId: 'INC-1234',
      priority: 'urgent',
      expiresAt: '2026-11-25T10:00:00.123Z',
      callbackUrl: 'https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y',
    });
  });

  it('is refused with every fault at once, each with its path', () => {
    expect(
      faultsOf({
        targets: [{ machineId: 'x' }, {}, { machineId: MACHINE, machineTag: 't' }, { hostname: 'ws01' }, 7],
        commands: [{ type: 'GetFile', path: 'out.zip' }, { type: 'Isolate' }, { type: 'PutFile' }, { fileName: 'a' }],
        caseId: '',
        colour: 'red',
        expiresAt: 'tomorrow',
        priority: 'high',
        callbackUrl: 'http://example.com/',
        requestId: 'x'.repeat(129),
      }).sort(),
    ).toEqual(
      [
        'colour: UnknownField',
        'requestId: InvalidValue',
        'targets[0].machineId: InvalidValue',
        'targets[1]: Required',
        'targets[2]: Conflict',
        'targets[3]: Required',
        'targets[3].hostname: UnknownField',
        'targets[4]: InvalidType',
        'commands[0].path: InvalidValue',
        'commands[1].type: InvalidValue',
        'commands[2].fileName: Required',
        'commands[3].type: Required',
        'caseId: InvalidValue',
        'priority: InvalidValue',
        'expiresAt: InvalidValue',
        'callbackUrl: InvalidValue',
      ].sort(),
    );
  });

  it.each([
    ['a body that is no object', [], 'body: InvalidType'],
    ['a field in another letter case', { ...plain, CaseId: 'x' }, 'CaseId: UnknownField'],
    [
      'a field named __proto__',
      JSON.parse(`{"__proto__":{},${JSON.stringify(plain).slice(1)}`),
      '__proto__: UnknownField',
    ],
    ['no targets', { commands: [GET_FILE] }, 'targets: Required'],
    ['an empty list of targets', { ...plain, targets: [] }, 'targets: OutOfRange'],
    ['1001 targets', { ...plain, targets: Array(1001).fill({ machineTag: 't' }) }, 'targets: OutOfRange'],
    ['no commands', { targets: plain.targets }, 'commands: Required'],
    ['21 commands', { ...plain, commands: Array(21).fill(GET_FILE) }, 'commands: OutOfRange'],
    ['targets and entities', { ...plain, entities: [{ kind: 'Host', HostName: 'a' }] }, 'entities: Conflict'],
    ['entities without a host', { entities: [{ kind: 'Ip' }], commands: [GET_FILE] }, 'entities: NoHosts'],
    ['a recipe that is not known', { targets: plain.targets, recipe: { name: 'x' } }, 'recipe.name: UnknownRecipe'],
    ['a field that is null', { ...plain, comment: null }, 'comment: InvalidType'],
    ['an address without a time', { ...plain, targets: [{ ipAddress: '10.1.2.3' }] }, 'targets[0].at: Required'],
    [
      'an address that is none',
      { ...plain, targets: [{ ipAddress: '10.1.2.300', at: '2026-11-24T09:00:00Z' }] },
      'targets[0].ipAddress: InvalidValue',
    ],
    [
      'an address of long ago',
      { ...plain, targets: [{ ipAddress: '10.1.2.3', at: '2026-10-01T09:00:00Z' }] },
      'targets[0].at: OutOfRange',
    ],
    [
      'a time beside another kind of target',
      { ...plain, targets: [{ machineId: MACHINE, at: '2026-11-24T09:00:00Z' }] },
      'targets[0].at: UnknownField',
    ],
    [
      'a script with a folder',
      { ...plain, commands: [{ type: 'RunScript', scriptName: '..\\x.ps1' }] },
      'commands[0].scriptName: InvalidValue',
    ],
    [
      'an unknown field of a command',
      { ...plain, commands: [{ ...GET_FILE, args: '-x' }] },
      'commands[0].args: UnknownField',
    ],
    [
      'a path with NUL',
      { ...plain, commands: [{ type: 'GetFile', path: 'C:\\a\0b' }] },
      'commands[0].path: InvalidValue',
    ],
    [
      'a GetFile before a RunScript',
      { ...plain, commands: [GET_FILE, { type: 'RunScript', scriptName: 'a.ps1' }] },
      'commands[0]: WrongOrder',
    ],
    ['an expiry in the past', { ...plain, expiresAt: '2026-11-24T09:59:59Z' }, 'expiresAt: OutOfRange'],
    ['an expiry in 31 days', { ...plain, expiresAt: '2026-12-25T10:00:00Z' }, 'expiresAt: OutOfRange'],
    ['a case of two lines', { ...plain, caseId: 'a\nb' }, 'caseId: InvalidValue'],
    ['a case of half a surrogate pair', { ...plain, caseId: 'a\ud800' }, 'caseId: InvalidValue'],
  ])('is refused for %s', (_, body, fault) => {
    expect(faultsOf(body)).toEqual([fault]);
  });

  it('says in the message what a single fault is', () => {
    const parsed = parseCollectionRequest({ ...plain, MachineID: 1 }, rules);
    expect(parsed.ok ? '' : parsed.error).toMatchObject({ code: 'InvalidRequest', target: 'MachineID' });
  });

  it('never repeats a callback address that it refuses', () => {
    const parsed = parseCollectionRequest({ ...plain, callbackUrl: 'https://evil.example/hook?sig=secret' }, rules);
    expect(JSON.stringify(parsed)).not.toMatch(/evil|secret/);
  });

  it('takes a loopback callback only where that is allowed', () => {
    const body = { ...plain, callbackUrl: 'http://127.0.0.1:9000/hook' };
    expect(faultsOf(body)).toEqual(['callbackUrl: InvalidValue']);
    expect(faultsOf(body, { loopbackAllowed: true })).toEqual([]);
  });

  it('takes its id from the header, and refuses two that differ', () => {
    expect(accepted(plain, { headerRequestId: 'h' }).request.requestId).toBe('h');
    expect(accepted({ ...plain, requestId: 'h' }, { headerRequestId: 'h' }).request.requestId).toBe('h');
    expect(faultsOf({ ...plain, requestId: 'b' }, { headerRequestId: 'h' })).toEqual(['requestId: Conflict']);
    expect(faultsOf(plain, { headerRequestId: '' })).toEqual(['Idempotency-Key: InvalidValue']);
  });

  it("takes a queue message's id only where the body has none", () => {
    expect(accepted(plain, { defaultRequestId: 'm' }).request.requestId).toBe('m');
    expect(accepted({ ...plain, requestId: 'r' }, { defaultRequestId: 'm' }).request.requestId).toBe('r');
  });

  it('is told of its order and its times although other things are wrong', () => {
    const body = {
      targets: [{ machineId: 'x' }, { ipAddress: '10.1.2.3', at: '2020-01-01T00:00:00Z' }],
      commands: [
        { type: 'GetFile', path: 'x' },
        { type: 'RunScript', scriptName: 'a.ps1' },
        { type: 'No', colour: 1 },
      ],
    };
    expect(faultsOf(body).sort()).toEqual(
      [
        'commands[0]: WrongOrder',
        'commands[0].path: InvalidValue',
        'commands[2].colour: UnknownField',
        'commands[2].type: InvalidValue',
        'targets[0].machineId: InvalidValue',
        'targets[1].at: OutOfRange',
      ].sort(),
    );
  });

  it('expands a recipe that is known', () => {
    const knownRecipes = new Map([
      ['one', () => ({ ok: true as const, value: [{ type: 'GetFile' as const, path: '/a' }] })],
    ]);
    const { request } = accepted({ targets: plain.targets, recipe: { name: 'one' } }, { knownRecipes });
    expect(request).toMatchObject({ recipe: { name: 'one', parameters: {} }, commands: [{ path: '/a', index: 0 }] });
  });
});

describe('the identity of a request', () => {
  it('is the same for another order of fields, letter case of an id, spelling of an instant, and place of the requestId', () => {
    const one = accepted({ ...plain, expiresAt: '2026-11-25T10:00:00Z', requestId: 'r' });
    const other = accepted(
      {
        expiresAt: '2026-11-25T11:00:00.000+01:00',
        commands: plain.commands,
        targets: [{ machineId: MACHINE.toUpperCase() }],
      },
      { headerRequestId: 'r' },
    );
    expect(other.identity).toBe(one.identity);
  });

  it('does not depend on when the request came, nor on defaults', () => {
    expect(accepted(plain, { now: NOW + 1000 }).identity).toBe(accepted(plain).identity);
    expect(accepted({ ...plain, priority: 'normal' }).identity).not.toBe(accepted(plain).identity);
  });

  it('is still told when the request comes too late, so that a repetition is known', () => {
    const body = { ...plain, requestId: 'r', expiresAt: '2026-11-24T11:00:00Z' };
    const late = parseCollectionRequest(body, { ...rules, now: NOW + 2 * 3_600_000 });
    expect(late.ok ? undefined : late.asRepetition?.identity).toBe(accepted(body).identity);
  });
});

describe('reading any JSON', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (body) => {
        expect(parseCollectionRequest(body, rules)).toHaveProperty('ok');
      }),
    );
  });

  it('never throws for any value in any field', () => {
    const anything = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant('\ud800'), fc.constant(1e308));
    const field = fc.oneof(fc.constantFrom('targets', 'entities', 'commands', 'recipe'), fc.string());
    const element = fc.oneof(
      anything,
      fc.dictionary(
        fc.constantFrom('machineId', 'type', 'path', 'at', 'ipAddress', '__proto__', 'kind', '$ref'),
        anything,
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(field, fc.oneof(anything, fc.array(element))), (body) => {
        const parsed = parseCollectionRequest(JSON.parse(JSON.stringify(body)), rules);
        if (!parsed.ok) expect(parsed.error.details?.length).toBeGreaterThan(0);
      }),
    );
  });

  it('stands nesting that would exhaust a stack, and answers a body of faults with a bounded list', () => {
    const deep = JSON.parse(`{"entities":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
    expect(faultsOf(deep)).toEqual(['body: OutOfRange']);
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, 1]));
    expect(faultsOf(wide)).toHaveLength(2500);
  });
});
