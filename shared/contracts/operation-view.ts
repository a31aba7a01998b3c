import { z } from 'zod';
import { CollectionView, OUTCOMES } from './collection-view.ts';

export const OpenOperation = z
  .object({
    id: z.string().meta({ description: "The collection's id" }),
    status: z.enum(['NotStarted', 'Running']),
    percentComplete: z.int().min(0).max(100),
  })
  .meta({ id: 'OpenOperation', description: 'An operation that has not ended' });
export type OpenOperation = z.infer<typeof OpenOperation>;

export const EndedOperation = z
  .object({
    id: z.string().meta({ description: "The collection's id" }),
    status: z.enum(['Succeeded', 'Failed', 'Canceled']),
    outcome: z.enum(OUTCOMES),
    result: CollectionView,
  })
  .meta({ id: 'EndedOperation', description: 'An operation at its end, failure included' });
export type EndedOperation = z.infer<typeof EndedOperation>;

/** What is sent to `callbackUrl`: the ended operation, with an id that is the same each time it is sent. */
export const CallbackBody = EndedOperation.extend({
  eventId: z.string().meta({ description: 'The same each time this event is sent' }),
}).meta({ id: 'Callback', description: 'Sent at least once to callbackUrl when the collection has ended' });
export type CallbackBody = z.infer<typeof CallbackBody>;
