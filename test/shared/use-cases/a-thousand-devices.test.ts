import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { devices } from '../../world/fleet.ts';
import { collectionOf, submits, wrongs } from '../../world/seen.ts';
import { createWorld } from '../../world/world.ts';

describe('a request for a thousand devices', () => {
  const plenty = { submitsPerMinute: 2000, sessions: 2000, callsPerMinute: 50_000, callsPerHour: 500_000 };

  it('is expanded whole and archived whole', async () => {
    const fleet = devices(1000);
    const world = createWorld({ devices: fleet, switches: plenty, settings: { ...plenty, sessionsReserved: 0 } });
    const collectionId = await world.ask({ devices: fleet });
    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    expect((await collectionOf(world, collectionId)).counts).toMatchObject({ total: 1000, archived: 1000 });
    expect(wrongs(world)).toEqual([]);
  }, 60_000);

  it('begins within seconds although every device is named', async () => {
    const fleet = devices(1000);
    const world = createWorld({ devices: fleet });
    await world.ask({ targets: fleet.map(({ computerDnsName }) => ({ computerDnsName })) });
    await world.run(seconds(10));
    expect(submits(world)).toHaveLength(10);
    await world.run(minutes(1));
    expect(world.calls.get('defender.machines')).toBe(1);
  }, 60_000);
});
