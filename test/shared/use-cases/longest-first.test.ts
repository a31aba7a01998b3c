import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { idOf } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { submits, wrongs } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const DUMP = { type: 'RunScript', scriptName: 'dump.ps1' };
const TRIAGE = { type: 'RunScript', scriptName: 'triage.ps1' };
const RUNS = [
  { name: 'dump.ps1', runMs: minutes(9) },
  { name: 'triage.ps1', runMs: seconds(30) },
];
const LEARNED_FROM = devices(3, { commands: RUNS }, 'old');

/** Devices by the order in which they were submitted since. */
const orderSince = (world: World, from: number): string[] =>
  submits(world)
    .slice(from)
    .map((call) => call.machineId ?? '');

async function learned(fleet: readonly DeviceInput[]): Promise<World> {
  const world = createWorld({ devices: [...LEARNED_FROM, ...fleet], settings: { sessions: 3, sessionsReserved: 0 } });
  for (const commands of [[DUMP], [TRIAGE]])
    await world.runUntilEnded(await world.ask({ devices: LEARNED_FROM, commands }), { atMost: hours(1) });
  return world;
}

describe('requests that wait together for the last sessions', () => {
  it('go longest first, as runs of their kind have taken so far', async () => {
    const short = devices(4, { commands: RUNS }, 'short');
    const long = device({ computerDnsName: 'long.contoso.com', commands: RUNS });
    const world = await learned([...short, long]);
    const before = submits(world).length;
    // Three of the short ones have their sessions when the long one comes.
    const ids = [
      await world.ask({ devices: short, commands: [{ ...TRIAGE, args: '-Case 7' }] }),
      await world.ask({ devices: [long], commands: [{ ...DUMP, args: '-Case 7' }] }),
    ];
    await world.runUntilEnded(ids, { atMost: hours(1) });
    expect(orderSince(world, before).indexOf(idOf(long))).toBe(3);
    expect(wrongs(world)).toEqual([]);
  });

  it('leave the turns of others as they are', async () => {
    const mine = devices(9, { commands: RUNS }, 'mine');
    const theirs = devices(2, { commands: RUNS }, 'theirs');
    const world = await learned([...mine, ...theirs]);
    const before = submits(world).length;
    const by = (id: string) => ({ by: { kind: 'entra' as const, id } });
    const ids = [
      await world.ask({ devices: mine, commands: [DUMP], ...by('hunter') }),
      await world.ask({ devices: theirs, commands: [TRIAGE], ...by('analyst') }),
    ];
    await world.runUntilEnded(ids, { atMost: hours(2) });
    const places = theirs.map((one) => orderSince(world, before).indexOf(idOf(one)));
    expect(Math.max(...places)).toBeLessThan(7);
  });

  it('are told apart by the platform of their device, where targets are named', async () => {
    const world = createWorld({
      devices: [
        ...devices(4, { osPlatform: 'WindowsServer2022', runMs: minutes(9) }, 'srv'),
        ...devices(8, { osPlatform: 'Windows11', runMs: seconds(30) }, 'ws'),
      ],
      settings: { sessions: 3, sessionsReserved: 0 },
    });
    const named = (...names: string[]) => names.map((name) => ({ computerDnsName: `${name}.contoso.com` }));
    const ask = (...names: string[]) => world.ask({ targets: named(...names) });
    const some = [await ask('srv00000', 'srv00001', 'srv00002', 'ws00000', 'ws00001', 'ws00002')];
    await world.runUntilEnded(some, { atMost: hours(1) });
    const before = submits(world).length;
    const last = await ask('ws00003', 'ws00004', 'ws00005', 'ws00006', 'srv00003');
    await world.runUntilEnded(last, { atMost: hours(1) });
    const server = idOf({ computerDnsName: 'srv00003.contoso.com' });
    expect(orderSince(world, before).indexOf(server)).toBe(0);
  });
});
