import type { ActionSnapshot, Defender, DefenderPage, Log, Machine, Reply } from '../../ports.ts';
import {
  type DefenderCall,
  type DefenderConnection,
  defenderCall,
  MACHINES_ANSWER,
  unreadable,
} from './defender-call.ts';
import { actionsByIds, findByIp, liveResponsesOf, MACHINES_PER_PAGE, machinesFrom } from './odata.ts';
import { readLink } from './wire/link.ts';
import { readMachine } from './wire/machine.ts';
import { readAction } from './wire/machine-action.ts';
import { type ReadPage, readPage } from './wire/page.ts';
import { runRequest } from './wire/run-request.ts';

const MOST_IDS = 100;

/** Defender for Endpoint over HTTP. */
export function createDefenderClient(connection: DefenderConnection): Defender {
  return defenderOver(defenderCall(connection), connection.log);
}

/** How entries of answers are read. */
export interface EntryReaders {
  readAction(entry: unknown): ActionSnapshot | undefined;
  readMachine(entry: unknown): Machine | undefined;
}

export const ENTRY_READERS: EntryReaders = { readAction, readMachine };

/**
 * The port on whatever carries its calls.
 * @see https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list
 */
export function defenderOver(call: DefenderCall, log: Log, readers = ENTRY_READERS): Defender {
  const wire = { call, log, ...readers };
  return {
    submit: ({ machineId, commands, comment }) =>
      callForAction(
        wire,
        'runLiveResponse',
        `/api/machines/${segment(machineId)}/runliveresponse`,
        runRequest(commands, comment),
      ),

    listActions: (query, page) => listActions(wire, query, page),

    action: (machineActionId) =>
      callForAction(wire, 'getMachineAction', `/api/machineactions/${segment(machineActionId)}`),

    cancel: (machineActionId, comment) =>
      callForAction(wire, 'cancelMachineAction', `/api/machineactions/${segment(machineActionId)}/cancel`, {
        Comment: comment,
      }),

    resultLink: async (machineActionId, index) => {
      const path = `/api/machineactions/${segment(machineActionId)}/GetLiveResponseResultDownloadLink(index=${index})`;
      return read(await call({ endpoint: 'getResultLink', method: 'GET', path }), readLink);
    },

    machines: (page) => listMachines(wire, page ?? machinesFrom(0)),

    machine: async (idOrName) =>
      read(
        await call({ endpoint: 'getMachine', method: 'GET', path: `/api/machines/${segment(idOrName)}` }),
        readers.readMachine,
      ),

    machinesByIp: async (ipAddress, at) => {
      const path = `/api/machines/${findByIp(ipAddress, at)}`;
      const reply = await call({ endpoint: 'findByIp', method: 'GET', path, mostBytes: MACHINES_ANSWER });
      if (isNotFound(reply)) return { ok: true, value: [] };
      const found = readList(reply, log, 'findByIp', readers.readMachine);
      return found.ok ? { ok: true, value: found.value.value } : found;
    },
  };
}

interface Wire extends EntryReaders {
  call: DefenderCall;
  log: Log;
}

const segment = encodeURIComponent;

async function callForAction(
  { call, readAction }: Wire,
  endpoint: string,
  path: string,
  body?: unknown,
): Promise<Reply<ActionSnapshot>> {
  const request = body === undefined ? { method: 'GET' as const } : { method: 'POST' as const, body };
  return read(await call({ endpoint, path, ...request }), readAction);
}

async function listActions(
  { call, log, readAction }: Wire,
  query: Parameters<Defender['listActions']>[0],
  page: string | undefined,
): Promise<Reply<DefenderPage<ActionSnapshot>>> {
  if ('ids' in query && query.ids.length > MOST_IDS) {
    throw new RangeError(`at most ${MOST_IDS} ids in one call, not ${query.ids.length}`);
  }
  if ('ids' in query && query.ids.length === 0) return { ok: true, value: { value: [] } };
  const asked = page ?? ('ids' in query ? actionsByIds(query.ids) : liveResponsesOf(query.machineId));
  const reply = await call({ endpoint: 'listMachineActions', method: 'GET', path: `/api/machineactions${asked}` });
  const found = readList(reply, log, 'listMachineActions', readAction);
  return found.ok ? { ok: true, value: onlyNewPage(found.value, asked) } : found;
}

/** Without recent machines Defender answers 404. @see defender-docs get-machines */
async function listMachines({ call, log, readMachine }: Wire, asked: string): Promise<Reply<DefenderPage<Machine>>> {
  const path = `/api/machines${asked}`;
  const reply = await call({ endpoint: 'listMachines', method: 'GET', path, mostBytes: MACHINES_ANSWER });
  if (isNotFound(reply)) return { ok: true, value: { value: [] } };
  const found = readList(reply, log, 'listMachines', readMachine);
  if (!found.ok) return found;
  const page = onlyNewPage(found.value, asked);
  // a full page without a link to the next: more may follow
  if (page.next !== undefined || found.value.entries < MACHINES_PER_PAGE) return { ok: true, value: page };
  const skipped = Number(new URLSearchParams(asked).get('$skip') ?? 0);
  return { ok: true, value: { ...page, next: machinesFrom(skipped + found.value.entries) } };
}

/** A page whose next is itself would be read for ever. */
function onlyNewPage<T>({ value, next }: ReadPage<T>, asked: string): DefenderPage<T> {
  return next === undefined || sameQuery(next, asked) ? { value } : { value, next };
}

const sameQuery = (a: string, b: string): boolean => String(new URLSearchParams(a)) === String(new URLSearchParams(b));

const isNotFound = (reply: Reply<unknown>): boolean => !reply.ok && reply.fault.kind === 'notFound';

function read<T>(reply: Reply<unknown>, reader: (body: unknown) => T | undefined): Reply<T> {
  if (!reply.ok) return reply;
  const value = reader(reply.value);
  return value === undefined ? unreadable(undefined, 'answer without the expected fields') : { ok: true, value };
}

function readList<T>(
  reply: Reply<unknown>,
  log: Log,
  endpoint: string,
  readEntry: (entry: unknown) => T | undefined,
): Reply<ReadPage<T>> {
  const page = read(reply, (body) => readPage(body, readEntry));
  if (page.ok && page.value.unreadable > 0) {
    log.warn('defender.entriesUnreadable', { endpoint, entries: page.value.unreadable });
  }
  return page;
}
