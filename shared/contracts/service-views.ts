import { z } from 'zod';
import { TASK_STATES } from '../domain/task.ts';
import { instant } from './view-fields.ts';

/** What the service says of itself: its capacity and its health. */

const count = z.int().nonnegative();

export const CapacityView = z
  .object({
    submits: z
      .object({ perMinute: count, left: count, nextAt: instant('When the next submit is allowed').nullable() })
      .meta({ description: 'Live response calls' }),
    slots: z
      .object({ limit: count, reserved: count, inUse: count, free: count })
      .meta({ description: 'Concurrent live response sessions' }),
    calls: z
      .array(
        z.object({
          endpoint: z.string(),
          perMinute: count,
          leftThisMinute: count,
          perHour: count,
          leftThisHour: count,
        }),
      )
      .meta({ description: 'Other calls, per endpoint as Defender counts' }),
    tasks: z.partialRecord(z.enum(TASK_STATES), count).meta({ description: 'How many tasks are in each state' }),
    queueEmptyAt: instant('When all that waits may have started').nullable(),
  })
  .meta({ id: 'Capacity', description: "What is left of Defender's limits" });
export type CapacityView = z.infer<typeof CapacityView>;

export const HealthView = z
  .looseObject({
    status: z.string().meta({ description: 'ok, or what is wrong in a word' }),
    version: z.string(),
    storage: z.string().meta({ description: 'State storage' }),
    evidence: z
      .string()
      .optional()
      .meta({ description: 'Storage of evidence: nothing is submitted while it is unavailable' }),
    defender: z.string().meta({ description: "Defender's API, as last seen" }),
    poison: z.int().nonnegative().nullable().meta({ description: 'Messages that could not be worked off' }),
    oldestHeartbeat: instant('When the poll heartbeat was last heard').nullable(),
  })
  .meta({ id: 'Health', description: 'Whether Holdfast works. No secrets' });
export type HealthView = z.infer<typeof HealthView>;
