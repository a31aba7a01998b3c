import { z } from 'zod';
import { instant, link } from './view-fields.ts';

export const CustodyEventView = z
  .object({
    sequence: z.int().positive().meta({ description: 'Position in the record of the collection, without gaps' }),
    at: instant('When it happened'),
    type: z.string().meta({ description: 'What happened' }),
    actor: z.string().meta({ description: 'Who or what did it' }),
    taskId: z.string().optional(),
    artifactId: z.string().optional(),
    machineActionId: z.string().optional(),
    data: z.record(z.string(), z.unknown()).meta({ description: 'What belongs to this type of event' }),
  })
  .meta({ id: 'CustodyEvent', description: 'One entry of the record of custody' });
export type CustodyEventView = z.infer<typeof CustodyEventView>;

export const CustodyPage = z
  .object({ value: z.array(CustodyEventView), nextLink: link('The next page').optional() })
  .meta({ id: 'CustodyPage', description: 'The record of custody, oldest first' });
export type CustodyPage = z.infer<typeof CustodyPage>;
