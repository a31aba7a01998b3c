import { isDeepStrictEqual } from 'node:util';
import type { Collection } from '../../../../shared/domain/collection.ts';
import { type CollectionRequest, REQUEST_FIELDS } from '../../../../shared/domain/request/collection-request.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Kept {
  header: Collection;
  request: CollectionRequest;
  /** The callback address as the sender will open it. */
  callbackUrl: string | undefined;
}

const DEFAULT_EXPIRY_MS = 7 * 86_400_000;
const ORDER = ['PutFile', 'RunScript', 'GetFile'];
const NAMES = ['machineId', 'computerDnsName', 'aadDeviceId', 'ipAddress', 'machineTag'];
/** Kept in lower case, because they are compared as Defender compares them. */
const LOWERED = ['machineId', 'aadDeviceId', 'ipAddress'];
const COMMAND_FIELDS = ['type', 'fileName', 'scriptName', 'args', 'path'];

/**
 * A second opinion on what a request that was accepted must have left behind, written from the contract alone and not
 * from the code that reads requests: nothing that was asked is dropped, and nothing is added.
 * @param requestId what serves where the body has none
 * @returns what is wrong, if anything
 */
export function wronglyKept(body: Json, requestId: string | undefined, now: number, kept: Kept): string | undefined {
  const { header, request } = kept;
  const unknown = Object.keys(body).find((name) => !(REQUEST_FIELDS as readonly string[]).includes(name));
  if (unknown !== undefined) return `the unknown field ${unknown} was dropped`;
  const expiry = body.expiresAt === undefined ? now + DEFAULT_EXPIRY_MS : instantOf(body.expiresAt);
  const expected: [string, unknown, unknown][] = [
    ['requestId', request.requestId, body.requestId ?? requestId],
    ['comment', request.comment, body.comment],
    ['caseId', request.caseId, body.caseId],
    ['priority', request.priority, body.priority ?? 'normal'],
    ['expiresAt', instantOf(request.expiresAt), expiry],
    ['given', [...request.given], REQUEST_FIELDS.filter((field) => Object.hasOwn(body, field))],
    ['callbackUrl', kept.callbackUrl, body.callbackUrl],
    ['commands', request.commands, commandsOf(body.commands)],
    ['header.requestId', header.requestId, request.requestId],
    ['header.comment', header.comment, request.comment],
    ['header.caseId', header.caseId, request.caseId],
    ['header.priority', header.priority, request.priority],
    ['header.expiresAt', header.expiresAt, expiry],
    ['header.targets', header.targets, request.targets.length],
  ];
  const differs = expected.find(([, is, should]) => !isDeepStrictEqual(is, should));
  if (differs) return `${differs[0]} is kept as ${JSON.stringify(differs[1])}, asked was ${JSON.stringify(differs[2])}`;
  if (JSON.stringify(kept.request).includes('"callbackUrl":')) return 'the callback address is kept in the open';
  return body.entities === undefined ? wrongTargets(body.targets, request) : wrongHosts(body.entities, request);
}

/** The stable order of Defender; empty arguments are none. */
function commandsOf(commands: unknown): unknown {
  if (!Array.isArray(commands)) return undefined;
  const unknown = commands.flatMap((one) => Object.keys(one)).find((name) => !COMMAND_FIELDS.includes(name));
  if (unknown !== undefined) return `with the unknown field ${unknown}`;
  return commands
    .toSorted((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type))
    .map(({ args, ...command }, index) => ({ ...command, ...(args ? { args } : {}), index }));
}

function wrongTargets(targets: unknown, request: CollectionRequest): string | undefined {
  const asked = Array.isArray(targets) ? targets.map(targetOf) : undefined;
  const kept = request.targets.map((target) => targetOf({ ...target }));
  return isDeepStrictEqual(kept, asked)
    ? undefined
    : `targets are kept as ${JSON.stringify(kept).slice(0, 300)}, asked was ${JSON.stringify(asked)?.slice(0, 300)}`;
}

function targetOf(target: Json): Json {
  return Object.fromEntries(
    Object.entries(target).map(([name, value]) => {
      if (name === 'at') return [name, instantOf(value)];
      if (!NAMES.includes(name)) return [name, 'unknown field'];
      return [name, LOWERED.includes(name) ? String(value).toLowerCase() : value];
    }),
  );
}

/** Which name of a host counts is the reader's own business; that it is one that was given is not. */
function wrongHosts(entities: unknown, request: CollectionRequest): string | undefined {
  const asked = JSON.stringify(entities).toLowerCase();
  if (request.targets.length === 0) return 'no host is kept';
  const strange = request.targets.find((target) => {
    const [value = ''] = Object.values(target);
    const [label = ''] = String(value).toLowerCase().split('.');
    return !asked.includes(label);
  });
  return strange && `the host ${JSON.stringify(strange)} was not asked for`;
}

/** Whole milliseconds: finer fractions are cut. */
function instantOf(text: unknown): number {
  return Date.parse(String(text).replace(/(\.\d{3})\d+/, '$1'));
}
