import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDefenderClient } from '../../../../shared/adapters/defender/defender-client.ts';
import { createTokenSource, fixedToken } from '../../../../shared/adapters/defender/token-source.ts';
import { observeAction } from '../../../../shared/domain/action-outcome.ts';
import type { ActionSnapshot, Defender, Machine, Reply } from '../../../../shared/ports.ts';
import { hostileText, hostileValue } from '../../../fuzz/hostile-values.ts';
import { anAttempt } from '../../domain/samples.ts';
import { NOW } from './defender-server.ts';

const MACHINE = 'a'.repeat(40);
const ACTION = {
  id: '5382f7ea-7557-4ab7-9782-d50480024a4e',
  type: 'LiveResponse',
  requestor: 'app',
  requestorComment: 'INC-1 [token]',
  status: 'Succeeded',
  machineId: MACHINE,
  computerDnsName: 'ws01.contoso.com',
  creationDateTimeUtc: '2026-01-01T11:00:00.1234567Z',
  lastUpdateDateTimeUtc: '2026-01-01T11:05:00.1234567Z',
  errorHResult: 0,
  commands: [
    {
      index: 0,
      startTime: '2026-01-01T11:02:00Z',
      endTime: '2026-01-01T11:03:00Z',
      commandStatus: 'Completed',
      errors: [],
      command: { type: 'GetFile', params: [{ key: 'Path', value: 'C:\\a.zip' }] },
    },
  ],
};
const MACHINE_ENTITY = {
  id: MACHINE,
  computerDnsName: 'ws01.contoso.com',
  aadDeviceId: '00000000-0000-0000-0000-000000000001',
  osPlatform: 'Windows11',
  healthStatus: 'Active',
  onboardingStatus: 'Onboarded',
  lastSeen: '2026-01-01T11:00:00Z',
  machineTags: ['finance'],
};
const NEXT = 'https://api.example/api/machineactions?$skip=1';

type Call = {
  name: string;
  good: unknown;
  ask: (defender: Defender) => Promise<Reply<unknown>>;
  valid: (value: unknown) => void;
};

const CALLS: Call[] = [
  {
    name: 'a submit',
    good: ACTION,
    valid: validAction,
    ask: (d) => d.submit({ machineId: MACHINE, commands: [], comment: 'c' }),
  },
  { name: 'an action', good: ACTION, valid: validAction, ask: (d) => d.action('a') },
  { name: 'a cancel', good: ACTION, valid: validAction, ask: (d) => d.cancel('a', 'c') },
  {
    name: 'a list of actions',
    good: { value: [ACTION, ACTION], '@odata.nextLink': NEXT },
    valid: validPage(validAction),
    ask: (d) => d.listActions({ ids: ['a'] }),
  },
  {
    name: 'a result link',
    good: { value: 'https://x.blob.core.windows.net/a?sig=b' },
    valid: validLink,
    ask: (d) => d.resultLink('a', 0),
  },
  {
    name: 'a list of machines',
    good: { value: [MACHINE_ENTITY] },
    valid: validPage(validMachine),
    ask: (d) => d.machines(),
  },
  { name: 'a machine', good: MACHINE_ENTITY, valid: validMachine, ask: (d) => d.machine('ws01') },
  {
    name: 'machines of an address',
    good: { value: [MACHINE_ENTITY] },
    valid: (value) => (value as Machine[]).forEach(validMachine),
    ask: (d) => d.machinesByIp('10.0.0.1', NOW),
  },
];

const status = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(200, 201) },
  { weight: 1, arbitrary: fc.constantFrom(202, 206, 301, 400, 401, 403, 404, 408, 409, 418, 429, 500, 503, 599) },
);
const headers = fc.record({
  'content-type': fc.constantFrom('application/json', 'text/html', 'application/xml; charset=utf-16', ';;;', 'x'),
  'retry-after': fc.constantFrom('0', '-1', '1e9', '99999999999', 'soon', 'Fri, 31 Dec 9999 23:59:59 GMT', '', '3.7'),
});

const FAULTS = ['rateLimited', 'machineBusy', 'notFound', 'refused', 'unavailable'];

describe('whatever Defender answers to', () => {
  it.each(CALLS)('$name, it is a valid value or a fault, and nothing is thrown', async ({ good, ask, valid }) => {
    const answer = fc.record({ status, headers, text: hostileText(good) });
    await fc.assert(
      fc.asyncProperty(answer, async (given) => {
        const reply = await ask(clientThatGets(given));
        if (reply.ok) return valid(reply.value);
        expect(FAULTS).toContain(reply.fault.kind);
        if ('message' in reply.fault) expect(reply.fault.message.length).toBeLessThanOrEqual(600);
        const wait = 'retryAfterMs' in reply.fault ? reply.fault.retryAfterMs : undefined;
        if (wait !== undefined) expect(wait).toSatisfy((ms: number) => Number.isFinite(ms) && ms >= 0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('whatever the token service answers', () => {
  it('a call has a token or is told that there is none', async () => {
    const answers = fc.oneof(fc.record({ token: hostileValue, expiresOnTimestamp: hostileValue }), hostileValue);
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        const credential = { getToken: async () => given as never };
        const token = createTokenSource({ credential, scope: 's/.default', clock: { now: () => NOW } });
        const reply = await client(async () => new Response(JSON.stringify(ACTION)), token).action('a');
        if (!reply.ok) expect(reply.fault).toMatchObject({ kind: 'unavailable' });
      }),
      { numRuns: 200 },
    );
  });
});

function clientThatGets(given: { status: number; headers: Record<string, string>; text: string }): Defender {
  return client(async () => new Response(given.text, { status: given.status, headers: given.headers }));
}

function client(fetch: typeof globalThis.fetch, token = fixedToken('t')): Defender {
  const note = (): void => undefined;
  return createDefenderClient({
    baseUrl: 'https://api.example',
    token,
    clock: { now: () => NOW },
    timeoutMs: 5000,
    log: { info: note, warn: note, error: note },
    fetch,
  });
}

const instant = (value: unknown): boolean => value === undefined || (Number.isSafeInteger(value) && Number(value) > 0);

function validAction(value: unknown): void {
  const action = value as ActionSnapshot;
  expect(['pending', 'inProgress', 'succeeded', 'failed', 'timeOut', 'cancelled', 'unknown']).toContain(action.status);
  expect([action.createdAt, action.updatedAt].every(instant)).toBe(true);
  for (const { index, startedAt, endedAt, errors } of action.commands) {
    expect(Number.isSafeInteger(index) && index >= 0).toBe(true);
    expect([startedAt, endedAt].every(instant)).toBe(true);
    expect(errors.every((error) => typeof error === 'string' && error.length <= 500)).toBe(true);
  }
  expect(stored(action).length).toBeLessThan(MOST_STORED);
  expect(action.machineActionId).toMatch(/^[\w.-]{1,128}$/);
  expect(() => observeAction(anAttempt(), action, NOW)).not.toThrow();
}

/** Whatever is kept of an answer must fit its row many times over. */
const MOST_STORED = 60_000;

/** What of an action is kept in rows, or shown; the comment is only compared. */
const stored = ({ requestorComment: _, ...action }: ActionSnapshot): string => JSON.stringify(action);

function validMachine(value: unknown): void {
  const { machineId, lastSeenAt, machineTags, ...words } = value as Machine;
  expect(machineId).toMatch(/^[\w.-]{1,128}$/);
  expect(instant(lastSeenAt)).toBe(true);
  expect(machineTags.every((tag) => typeof tag === 'string')).toBe(true);
  expect(JSON.stringify(words).length).toBeLessThan(2000);
}

function validPage(validEntry: (entry: unknown) => void) {
  return (page: unknown): void => {
    const { value, next } = page as { value: unknown[]; next?: string };
    for (const entry of value) validEntry(entry);
    if (next !== undefined) expect(next).toMatch(/^\?/);
  };
}

function validLink(link: unknown): void {
  expect(['http:', 'https:']).toContain(new URL(String(link)).protocol);
}
