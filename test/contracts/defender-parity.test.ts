import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../infra/local/simulated-tenant/model/faults.ts';
import { machineIdOf, type ScenarioInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import { TenantModel } from '../../infra/local/simulated-tenant/model/tenant-model.ts';
import { startSimulatedTenant } from '../../infra/local/simulated-tenant/start-simulated-tenant.ts';
import { createDefenderTwin } from '../../infra/local/simulated-tenant-twin/defender-twin.ts';
import { createDefenderClient } from '../../shared/adapters/defender/defender-client.ts';
import { fixedToken } from '../../shared/adapters/defender/token-source.ts';
import { minutes, seconds } from '../../shared/domain/time.ts';
import type { Defender, Reply } from '../../shared/ports.ts';

/** Both live through the same random hour and must tell the same, word by word: values, faults, pages and waits. */
const RUNS = { numRuns: 150, interruptAfterTimeLimit: 15_000 };

const START = Date.UTC(2026, 0, 1, 12);
const NAMES = ['ws01', 'ws02', 'ws03', 'ws04', 'ws05', 'ws06'].map((name) => `${name}.contoso.com`);
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const device = fc.nat({ max: NAMES.length });
const order = fc.nat({ max: 8 });
const oddId = fc.constantFrom('nobody', "o'brien", 'ä b', '%2F', '?x=1');
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault>({ kind: 'reset' }, { kind: 'loseReply' }, { kind: 'emptyBody' }, { kind: 'garbledBody' }),
  fc.record({ kind: fc.constant('throttle' as const), retryAfterSeconds: fc.nat({ max: 90 }) }),
  fc.record({
    kind: fc.constant('error' as const),
    status: fc.constantFrom(400, 401, 403, 404, 409, 429, 500, 502, 503),
    code: fc.constantFrom('ActiveRequestAlreadyExists', 'ResourceNotFound', 'Forbidden', 'TooManyRequests', 'Odd'),
    message: fc.constantFrom('m', '', 'Zoë "quoted"\n2'),
    afterEffect: fc.boolean(),
  }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('submit' as const), device }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: minutes(4) }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), order }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), order }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('link' as const), order, index: fc.integer({ min: -1, max: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      orders: fc.array(order, { maxLength: 6 }),
      odd: fc.array(oddId, { maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('listOf' as const), device }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('machines' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('machine' as const), id: fc.oneof(oddId, fc.constantFrom(...NAMES)) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('byIp' as const),
      ip: fc.constantFrom('10.0.0.1', '10.0.0.9', 'fe80::1', 'nowhere'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('fault' as const), fault, times: fc.integer({ min: 1, max: 2 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const switches: fc.Arbitrary<NonNullable<ScenarioInput['switches']>> = fc.record(
  {
    submitsPerMinute: fc.constantFrom(1, 3, 10),
    callsPerMinute: fc.constantFrom(4, 100),
    sessions: fc.constantFrom(1, 2, 25),
    portalSessions: fc.constantFrom(0, 1),
    retryAfterHeader: fc.boolean(),
    pageSize: fc.constantFrom(1, 2, 10_000),
    readGapMs: fc.constantFrom(0, seconds(20)),
    lockLingersMs: fc.constantFrom(0, minutes(1)),
    existingActionWithinMs: fc.constantFrom(0, minutes(1)),
    cancelDelayMs: fc.constantFrom(0, seconds(10), minutes(5)),
    fractionDigits: fc.constantFrom(0, 3, 7, 'vary' as const),
    lastUpdateField: fc.constantFrom('lastUpdateDateTimeUtc' as const, 'lastUpdateTimeUtc' as const, 'both' as const),
    extraFields: fc.boolean(),
    unknownStatuses: fc.boolean(),
    linkAt: fc.constantFrom('commandEnd' as const, 'actionEnd' as const),
  },
  { requiredKeys: [] },
);

let now = START;
let close: (() => Promise<void>) | undefined;
afterAll(() => close?.());

describe('the client over HTTP and the twin in memory tell alike', () => {
  it('whatever the tenant lives through', async () => {
    const tenant = await startSimulatedTenant({ scenario: {}, now: () => now, token: 'simulated-token' });
    close = () => tenant.close();
    const clock = { now: () => now };
    const client = createDefenderClient({
      baseUrl: tenant.url,
      token: fixedToken('simulated-token'),
      clock,
      timeoutMs: 5_000,
      log,
    });
    await fc.assert(
      fc.asyncProperty(switches, fc.array(step, { minLength: 1, maxLength: 25 }), async (some, steps) => {
        const scenario: ScenarioInput = {
          seed: 7,
          devices: NAMES.map((computerDnsName, n) => ({ computerDnsName, lastIpAddress: `10.0.0.${n + 1}` })),
          switches: some,
        };
        now = START;
        tenant.load(scenario);
        const overHttp = await told(client, tenant.model, steps);
        now = START;
        const model = new TenantModel(scenario, { startedAt: now });
        expect(await told(createDefenderTwin(model, clock), model, steps)).toEqual(overHttp);
      }),
      RUNS,
    );
  });
});

async function told(defender: Defender, model: TenantModel, steps: Step[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  const ids: string[] = [];
  for (const one of steps) {
    if (one.do === 'pass') now += one.ms;
    else if (one.do === 'fault') model.state.faults.add({ endpoint: '*', times: one.times, skip: 0, fault: one.fault });
    else {
      const reply = await ask(defender, one, ids);
      if (one.do === 'submit' && reply.ok) ids.push((reply.value as { machineActionId: string }).machineActionId);
      seen.push(one.do === 'link' && reply.ok ? 'a link' : reply);
    }
  }
  return seen;
}

function ask(defender: Defender, one: Exclude<Step, { do: 'pass' | 'fault' }>, ids: string[]): Promise<Reply<unknown>> {
  const nth = (order: number) => ids[order] ?? 'nobody';
  const machineId = 'device' in one ? machineIdOf(NAMES[one.device] ?? 'unknown') : '';
  switch (one.do) {
    case 'submit': {
      const commands = [
        { type: 'RunScript' as const, scriptName: 'collect.ps1', args: '-Deep "ü" \\' },
        { type: 'GetFile' as const, path: 'C:\\Zoë\\out.zip' },
      ];
      return defender.submit({ machineId, commands, comment: `INC-1 "ü" [token-${ids.length}]` });
    }
    case 'cancel':
      return defender.cancel(nth(one.order), 'enough');
    case 'read':
      return defender.action(nth(one.order));
    case 'link':
      return defender.resultLink(nth(one.order), one.index);
    case 'list':
      return defender.listActions({ ids: [...one.orders.map(nth), ...one.odd] });
    case 'listOf':
      return allPages((page) => defender.listActions({ machineId }, page));
    case 'machines':
      return allPages((page) => defender.machines(page));
    case 'machine':
      return defender.machine(one.id);
    case 'byIp':
      return defender.machinesByIp(one.ip, now);
  }
}

/** The pages themselves, and how each names the next. */
async function allPages(read: (page?: string) => Promise<Reply<{ next?: string }>>): Promise<Reply<unknown>> {
  const pages: unknown[] = [];
  let next: string | undefined;
  do {
    const reply = await read(next);
    if (!reply.ok) return reply;
    pages.push(reply.value);
    next = reply.value.next;
  } while (next !== undefined && pages.length < 10);
  return { ok: true, value: pages };
}
