import { z } from 'zod';
import type { CollectionState } from '../domain/collection.ts';
import type { Fault } from '../domain/request/fault.ts';
import { COLLECTION_STATES } from './collection-view.ts';
import { invalidRequest } from './errors.ts';
import { CaseId, Instant, MachineId, RequestId } from './field-schemas.ts';
import type { Parsed } from './parsed.ts';
import { bad, fault, good, type Read, read } from './reading.ts';

export const MOST_PER_PAGE = 200;
export const DEFAULT_PER_PAGE = 50;
const LONGEST_TOKEN = 4096;

const Top = z
  .string()
  .refine(
    (text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_PER_PAGE,
    `Give a whole number from 1 to ${MOST_PER_PAGE}.`,
  )
  .transform(Number)
  .meta({ override: { type: 'integer', minimum: 1, maximum: MOST_PER_PAGE, default: DEFAULT_PER_PAGE } });

const ContinuationToken = z
  .string()
  .max(LONGEST_TOKEN, 'Give the continuationToken of a nextLink as it was.')
  .meta({ description: 'From the nextLink of the page before' });

export const LIST_QUERY = {
  caseId: CaseId.optional(),
  machineId: MachineId.optional(),
  state: z.enum(COLLECTION_STATES).optional(),
  from: Instant.optional().meta({ description: 'Created at or after this instant' }),
  to: Instant.optional().meta({ description: 'Created before this instant' }),
  top: Top.optional().meta({ description: 'Most collections in one answer' }),
  continuationToken: ContinuationToken.optional(),
};

/** Which collections to list. `from` <= createdAt < `to`, instants ISO 8601 UTC. */
export interface ListQuery {
  readonly caseId?: string;
  readonly machineId?: string;
  readonly state?: CollectionState;
  readonly from?: string;
  readonly to?: string;
  readonly top: number;
  readonly continuationToken?: string;
}

/**
 * Reads the query of the list. Parameters that are empty count as not given; unknown ones are let pass, since the
 * Functions host and callers add their own (`code`, tracking ids).
 */
export function parseListQuery(query: URLSearchParams): Parsed<ListQuery> {
  const caseId = readParameter(query, 'caseId', LIST_QUERY.caseId);
  const machineId = readParameter(query, 'machineId', LIST_QUERY.machineId);
  const state = readParameter(query, 'state', LIST_QUERY.state);
  const from = readParameter(query, 'from', LIST_QUERY.from);
  const to = readParameter(query, 'to', LIST_QUERY.to);
  const top = readParameter(query, 'top', LIST_QUERY.top);
  const token = readParameter(query, 'continuationToken', LIST_QUERY.continuationToken);

  const faults: Fault[] = [caseId, machineId, state, from, to, top, token].flatMap((one) => (one.ok ? [] : one.faults));
  if (from.ok && to.ok && from.value !== undefined && to.value !== undefined && from.value > to.value)
    faults.push(fault('OutOfRange', ['to'], 'Give an instant that is not before from.'));
  if (!(caseId.ok && machineId.ok && state.ok && from.ok && to.ok && top.ok && token.ok) || faults.length > 0)
    return { ok: false, error: invalidRequest(faults) };
  return {
    ok: true,
    value: {
      ...(caseId.value === undefined ? {} : { caseId: caseId.value }),
      ...(machineId.value === undefined ? {} : { machineId: machineId.value }),
      ...(state.value === undefined ? {} : { state: state.value }),
      ...(from.value === undefined ? {} : { from: from.value }),
      ...(to.value === undefined ? {} : { to: to.value }),
      top: top.value ?? DEFAULT_PER_PAGE,
      ...(token.value === undefined ? {} : { continuationToken: token.value }),
    },
  };
}

/** The `requestId` of `DELETE /api/collections?requestId=`: required there. */
export function parseRequestIdQuery(query: URLSearchParams): Parsed<string> {
  const requestId = readParameter(query, 'requestId', RequestId);
  if (!requestId.ok) return { ok: false, error: invalidRequest(requestId.faults) };
  if (requestId.value !== undefined) return { ok: true, value: requestId.value };
  return { ok: false, error: invalidRequest([fault('Required', ['requestId'], 'Say which request to cancel.')]) };
}

function readParameter<T>(query: URLSearchParams, name: string, schema: z.ZodType<T>): Read<T | undefined> {
  const [value, ...others] = query.getAll(name);
  if (others.length > 0) return bad(fault('Conflict', [name], 'Give this parameter once.'));
  if (value === undefined || value === '') return good(undefined);
  // An offset's plus sign that was not encoded arrives as a space.
  return read<T>(schema, name === 'from' || name === 'to' ? value.replace(/ (?=\d\d:\d\d$)/, '+') : value, [name]);
}
