import { describe, expect, it } from 'vitest';
import type { TenantModel } from '../../infra/local/simulated-tenant/model/tenant-model.ts';
import { unreadable } from '../../shared/adapters/defender/defender-call.ts';
import { readLink } from '../../shared/adapters/defender/wire/link.ts';
import type { Task } from '../../shared/domain/task.ts';
import { hours, minutes, toIso } from '../../shared/domain/time.ts';
import { idOf } from '../world/asking.ts';
import { devices } from '../world/fleet.ts';
import { tasksOf } from '../world/seen.ts';
import { createWorld, START, type World } from '../world/world.ts';

type Entry = Record<string, unknown>;
/** What becomes of the answers that are about one device, for all time; several entries where a list shows it. */
type Spoil = (entry: Entry) => unknown;

const fleet = devices(12);
const [hostile, ...neighbours] = fleet;
if (hostile === undefined) throw new Error('no device');
const hostileId = idOf(hostile);
/** A neighbour's evidence may come this much later than beside a proper device. */
const LATER_MS = minutes(2);
const GIVE_UP_MS = hours(2);
const MEGABYTE = 'x'.repeat(1_048_576);

const withCommand =
  (change: (command: Entry) => unknown): Spoil =>
  (entry) => ({
    ...entry,
    commands: (entry.commands as Entry[]).map(change),
  });

const SPOILT: Record<string, Spoil> = {
  'an unknown status': (entry) => ({ ...entry, status: 'Exploded' }),
  'a status that is a number': (entry) => ({ ...entry, status: 7 }),
  'other letter cases of keys': (entry) =>
    Object.fromEntries(Object.entries(entry).map(([key, value]) => [key.toUpperCase(), value])),
  'other letter cases of words': (entry) => ({ ...entry, status: String(entry.status).toUpperCase() }),
  'no id': ({ id: _, ...entry }) => entry,
  'an id that no address can hold': (entry) => ({ ...entry, id: '\ud800' }),
  'an id of a megabyte': (entry) => ({ ...entry, id: MEGABYTE }),
  'the id of nobody': (entry) => ({ ...entry, id: 'somebody-else' }),
  'no commands': ({ commands: _, ...entry }) => entry,
  'commands that are an object': (entry) => ({ ...entry, commands: { 0: entry.commands } }),
  'commands that are null inside': (entry) => ({ ...entry, commands: [null, [null], 'x'] }),
  'ten thousand commands': (entry) => ({
    ...entry,
    commands: Array.from({ length: 10_000 }, () => entry.commands).flat(),
  }),
  'unknown command statuses': withCommand((command) => ({ ...command, commandStatus: 'Melted' })),
  'huge indexes': withCommand((command) => ({ ...command, index: 2 ** 53 - 1 })),
  'errors without end': (entry) => ({
    ...entry,
    status: 'Failed',
    commands: (entry.commands as Entry[]).map((command) => ({
      ...command,
      commandStatus: 'Failed',
      errors: Array.from({ length: 1000 }, () => 'ü'.repeat(1000)),
    })),
  }),
  'a name of a megabyte': (entry) => ({ ...entry, computerDnsName: MEGABYTE, status: MEGABYTE, type: MEGABYTE }),
  'dates that are none': (entry) => ({ ...entry, creationDateTimeUtc: '9999-99-99', lastUpdateDateTimeUtc: -1 }),
  'dates in another century': withCommand((command) => ({
    ...command,
    startTime: '9999-12-31T23:59:59Z',
    endTime: '1601-01-01T00:00:00Z',
  })),
  'a comment that is null': (entry) => ({ ...entry, requestorComment: null }),
  'keys of prototypes': (entry) => ({ ...entry, ['__proto__']: { status: 'Failed' }, constructor: 1 }),
  'null itself': () => null,
  'a list in a list': (entry) => [[entry]],
  'a text': (entry) => JSON.stringify(entry),
};

describe('one device whose answers are hostile for all time', () => {
  it.each(Object.entries(SPOILT))('(%s) neither stops a tick nor holds up its neighbours', async (_, spoil) => {
    const usual = await usually();
    const world = createWorld({ devices: fleet });
    spoilAnswers(world.tenant, spoil);
    const seen = await archivedAt(world);
    for (const [machineId, at] of usual.neighbours)
      expect(seen.neighbours.get(machineId), machineId).toBeLessThanOrEqual(at + LATER_MS);
    expect(seen.thrown).toEqual([]);
    expect(seen.hostile.state).toMatch(/^(archived|partial|failed|expired)$/);
    if (seen.hostile.state !== 'archived') expect(seen.hostile.failure?.message).toMatch(/\w{3}/);
  });
});

describe('one device whose result links are hostile', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['a number', { value: 5 }],
    ['no address', { value: 'nowhere' }],
    ['script', { value: 'javascript:alert(1)' }],
    ['a strange host', { value: 'https://evil.example/a' }],
    ['this machine', { value: 'http://127.0.0.1/a' }],
    ['a list', { value: ['https://results.blob.core.windows.net/a'] }],
    ['a megabyte', { value: `https://results.blob.core.windows.net/${MEGABYTE}` }],
  ])('(%s) fails alone, with a reason', async (_, body) => {
    const world = createWorld({ devices: fleet });
    const proper = world.deps.defender.resultLink;
    world.deps.defender.resultLink = async (actionId, index) => {
      const isHostile = world.tenant.state.ledger.ofMachine(hostileId).some(({ id }) => id === actionId);
      if (!isHostile) return proper(actionId, index);
      const link = readLink(body);
      return link === undefined ? unreadable(200, 'answer without the expected fields') : { ok: true, value: link };
    };
    const seen = await archivedAt(world);
    expect(seen.neighbours.size).toBe(neighbours.length);
    expect(seen.thrown).toEqual([]);
    expect(seen.hostile).toMatchObject({ state: 'failed', failure: { message: expect.stringMatching(/\w{3}/) } });
  });
});

describe('one action with which no list can be read', () => {
  it.each([
    ['HTML', { status: 200, headers: {}, raw: '<html>' }],
    ['a server error', { status: 500, headers: {}, body: { error: { code: 'InternalServerError', message: 'x' } } }],
    ['a refusal', { status: 400, headers: {}, body: { error: { code: 'BadRequest', message: 'x' } } }],
    ['nothing', { status: 200, headers: {} }],
  ])('(%s) does not hold up its neighbours for long', async (_, answer) => {
    const usual = await usually();
    const world = createWorld({ devices: fleet });
    const list = world.tenant.listActions.bind(world.tenant);
    world.tenant.listActions = (...args) => {
      const reply = list(...args);
      return JSON.stringify(reply.body ?? '').includes(hostileId) ? (answer as never) : reply;
    };
    const seen = await archivedAt(world);
    for (const [machineId, at] of usual.neighbours)
      expect(seen.neighbours.get(machineId), machineId).toBeLessThanOrEqual(at + LATER_MS);
    expect(seen.thrown).toEqual([]);
    expect(seen.hostile.state).toMatch(/^(archived|failed|expired)$/);
  });
});

/** Beside a proper device, once for all. */
let proper: ReturnType<typeof archivedAt> | undefined;
function usually(): ReturnType<typeof archivedAt> {
  proper ??= archivedAt(createWorld({ devices: fleet }));
  return proper;
}

/** When each neighbour was archived, and how the hostile one ended. */
async function archivedAt(
  world: World,
): Promise<{ neighbours: Map<string, number>; hostile: Task; thrown: readonly string[] }> {
  const expiresAt = toIso(START + GIVE_UP_MS);
  const collectionId = await world.ask({ devices: fleet, expiresAt });
  await world.runUntilEnded(collectionId, { atMost: GIVE_UP_MS + hours(2) });
  const tasks = await tasksOf(world, collectionId);
  const archived = tasks.filter((t) => t.state === 'archived' && t.machineId !== hostileId);
  const of = tasks.find((t) => t.machineId === hostileId);
  if (of === undefined) throw new Error('the task is gone');
  const instants = archived.map((t): [string, number] => [t.machineId ?? '', t.updatedAt]);
  return { neighbours: new Map(instants), hostile: of, thrown: world.failures };
}

function spoilAnswers(tenant: TenantModel, spoil: Spoil): void {
  const isHostile = (entry: unknown): entry is Entry =>
    typeof entry === 'object' && entry !== null && 'machineId' in entry && entry.machineId === hostileId;
  const one = (reply: { body?: unknown }) => (isHostile(reply.body) ? { ...reply, body: spoil(reply.body) } : reply);
  for (const name of ['submit', 'readAction', 'cancel'] as const) {
    const answer = tenant[name].bind(tenant) as (...args: unknown[]) => { body?: unknown };
    tenant[name] = ((...args: unknown[]) => one(answer(...args))) as never;
  }
  const list = tenant.listActions.bind(tenant);
  tenant.listActions = (...args) => {
    const reply = list(...args);
    const body = reply.body as { value?: unknown[] } | undefined;
    if (!Array.isArray(body?.value)) return reply;
    return {
      ...reply,
      body: { ...body, value: body.value.map((entry) => (isHostile(entry) ? spoil(entry) : entry)) },
    } as never;
  };
}
