import { z } from 'zod';
import type { Machine } from '../../../ports.ts';
import { readInstant } from './instant.ts';
import { anything, id, list, word } from './open-schemas.ts';

const WireMachine = z.object({
  id,
  computerDnsName: word,
  aadDeviceId: word,
  osPlatform: word,
  healthStatus: word,
  onboardingStatus: word,
  lastSeen: anything,
  machineTags: list,
});

/** Ids in lower case, as the domain compares them. @returns nothing when the entry has no proper id */
export function readMachine(entry: unknown): Machine | undefined {
  const parsed = WireMachine.safeParse(entry);
  if (!parsed.success) return undefined;
  const { id, aadDeviceId, lastSeen, machineTags, ...words } = parsed.data;
  const lastSeenAt = readInstant(lastSeen);
  return {
    machineId: id.toLowerCase(),
    ...present(words),
    ...(aadDeviceId === undefined ? {} : { aadDeviceId: aadDeviceId.toLowerCase() }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
    machineTags: machineTags.filter((tag) => typeof tag === 'string'),
  };
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined. */
function present<T extends Record<string, string | undefined>>(fields: T): Present<T> {
  // fromEntries forgets the names of the fields; none is added or renamed here
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
