import { z } from 'zod';
import type { ActionSnapshot } from '../../../ports.ts';
import { readCommands } from './action-command.ts';
import { readHResult } from './hresult.ts';
import { readInstant } from './instant.ts';
import { anything, id, list, word } from './open-schemas.ts';
import { actionStatusOf } from './words.ts';

/** @see defender-docs, machineaction; real answers say `lastUpdateDateTimeUtc`, samples `lastUpdateTimeUtc` */
const WireAction = z.object({
  id,
  type: word,
  status: word,
  machineId: word,
  computerDnsName: word,
  // kept letter by letter: the token that heals a lost reply is in it
  requestorComment: z.string().catch(''),
  creationDateTimeUtc: anything,
  lastUpdateDateTimeUtc: anything,
  lastUpdateTimeUtc: anything,
  errorHResult: anything,
  commands: list,
});

/** @returns nothing when the entry has no proper id, so that nothing can be said of it */
export function readAction(entry: unknown): ActionSnapshot | undefined {
  const parsed = WireAction.safeParse(entry);
  if (!parsed.success) return undefined;
  const wire = parsed.data;
  const createdAt = readInstant(wire.creationDateTimeUtc);
  const updatedAt = readInstant(wire.lastUpdateDateTimeUtc) ?? readInstant(wire.lastUpdateTimeUtc);
  const errorHResult = readHResult(wire.errorHResult);
  return {
    machineActionId: wire.id,
    type: wire.type ?? 'Unknown',
    status: actionStatusOf(wire.status ?? ''),
    rawStatus: wire.status ?? '',
    machineId: wire.machineId?.toLowerCase() ?? '',
    ...(wire.computerDnsName === undefined ? {} : { computerDnsName: wire.computerDnsName }),
    requestorComment: wire.requestorComment,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
    ...(errorHResult === undefined ? {} : { errorHResult }),
    commands: readCommands(wire.commands),
  };
}
