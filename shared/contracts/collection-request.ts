import { z } from 'zod';
import { type CallbackRules, callbackFault, LONGEST_CALLBACK } from '../domain/request/callback-address.ts';
import {
  type CollectionRequest,
  PRIORITIES,
  REQUEST_FIELDS,
  REQUEST_LIMITS,
  type RequestField,
} from '../domain/request/collection-request.ts';
import type { Fault } from '../domain/request/fault.ts';
import { requestIdentity } from '../domain/request/request-identity.ts';
import { addressTimeFault, defaultExpiry, expiryFault } from '../domain/request/request-times.ts';
import { CommandSchema } from './command-schema.ts';
import { type ApiError, invalidRequest } from './errors.ts';
import { CaseId, Comment, Instant, RequestId } from './field-schemas.ts';
import { tooDeep } from './nesting.ts';
import { bad, fault, fields, good, isJsonObject, kindOf, type Read, read, unknownFields } from './reading.ts';
import { type RecipeBook, RecipeSchema } from './recipe-book.ts';
import { readRequestId, readSteps, readTargets } from './request-parts.ts';
import { TargetSchema } from './target-schema.ts';

const Priority = z.enum(PRIORITIES).meta({ description: 'Urgent goes first, bulk last; normal if not given' });

/** The body of `POST /api/collections` and of a message on `collection-requests`, as documents show it. */
export const CollectionRequestBody = fields({
  requestId: RequestId.optional(),
  targets: z.array(TargetSchema).min(1).max(REQUEST_LIMITS.targets).optional(),
  entities: z
    .array(z.looseObject({}))
    .min(1)
    .optional()
    .meta({ description: 'Sentinel entities as an incident trigger delivers them, instead of targets; hosts count' }),
  commands: z.array(CommandSchema).min(1).max(REQUEST_LIMITS.commands).optional(),
  recipe: RecipeSchema.optional(),
  comment: Comment.optional(),
  caseId: CaseId.optional(),
  priority: Priority.optional(),
  expiresAt: Instant.optional().meta({ description: 'When to give up; 7 days from now if not given, at most 30' }),
  callbackUrl: z.string().max(LONGEST_CALLBACK).optional().meta({
    description: 'Told when the collection ends. A secret: no answer repeats it',
    format: 'uri',
  }),
} satisfies Record<RequestField, z.ZodType>).meta({
  id: 'CollectionRequest',
  description: 'Evidence to collect: targets or entities, commands or a recipe',
});

/** What a request is judged by besides itself. */
export interface RequestRules extends CallbackRules {
  /** Epoch ms. */
  readonly now: number;
  /** The header `Idempotency-Key`: must agree with the body's requestId, if there are both. */
  readonly headerRequestId?: string | undefined;
  /** Serves where the caller gave none: a queue message's id. */
  readonly defaultRequestId?: string | undefined;
  readonly knownRecipes?: RecipeBook;
}

/** A good request and its identity: with the same `requestId`, another identity means another body. */
export interface GoodRequest {
  readonly ok: true;
  readonly request: CollectionRequest;
  /** Contains the callback address: keep a hash of it. */
  readonly identity: string;
}

export interface RefusedRequest {
  readonly ok: false;
  readonly error: ApiError;
  /**
   * There when nothing but the time is wrong (it expires in the past, say): what the request would have been in time.
   * If this `requestId` was accepted before with this identity, this is a repetition and gets the same answer.
   */
  readonly asRepetition?: Omit<GoodRequest, 'ok'>;
}

/**
 * Reads a request, or says everything that is wrong with it at once. Never throws, whatever the JSON.
 * @param body parsed JSON
 */
export function parseCollectionRequest(body: unknown, rules: RequestRules): GoodRequest | RefusedRequest {
  if (!isJsonObject(body)) return refused([fault('InvalidType', [], `Give a JSON object, not ${kindOf(body)}.`)]);
  if (tooDeep(body)) return refused([fault('OutOfRange', [], 'The body is nested too deeply. Flatten it.')]);

  const requestId = readRequestId(body, rules.headerRequestId);
  const targets = readTargets(body);
  const steps = readSteps(body, rules.knownRecipes ?? new Map());
  const comment = readOptional(body, 'comment', Comment);
  const caseId = readOptional(body, 'caseId', CaseId);
  const priority = readOptional(body, 'priority', Priority);
  const expiresAt = readOptional(body, 'expiresAt', Instant);
  const callbackUrl = readCallback(body, rules);

  const faults = [
    ...unknownFields(body, REQUEST_FIELDS, []),
    ...[requestId, targets, steps, comment, caseId, priority, expiresAt, callbackUrl].flatMap(faultsIn),
  ];
  const late = timeFaults(body, expiresAt, rules.now);
  const whole = requestId.ok && targets.ok && steps.ok && comment.ok && caseId.ok && priority.ok && expiresAt.ok;
  if (!whole || !callbackUrl.ok || faults.length > 0) return refused([...faults, ...late]);

  const given = REQUEST_FIELDS.filter((field) => Object.hasOwn(body, field));
  const request: CollectionRequest = {
    ...present('requestId', requestId.value ?? rules.defaultRequestId),
    targets: targets.value,
    ...steps.value,
    ...present('comment', comment.value),
    ...present('caseId', caseId.value),
    priority: priority.value ?? 'normal',
    expiresAt: expiresAt.value ?? defaultExpiry(rules.now),
    ...present('callbackUrl', callbackUrl.value),
    given,
  };
  const identity = identityOf(request, body);
  return late.length > 0 ? refused(late, { request, identity }) : { ok: true, request, identity };
}

/** Validated fields that were given. Entities and recipes as they came: what was made of them may change with us. */
function identityOf(request: CollectionRequest, body: Readonly<Record<string, unknown>>): string {
  const read: Readonly<Record<string, unknown>> = { ...request, entities: body.entities, recipe: body.recipe };
  return requestIdentity(Object.fromEntries(request.given.map((field) => [field, read[field]])));
}

function readOptional<T>(body: Readonly<Record<string, unknown>>, field: RequestField, schema: z.ZodType<T>) {
  return Object.hasOwn(body, field)
    ? read<T | undefined>(schema, body[field], [field])
    : good<T | undefined>(undefined);
}

function readCallback(body: Readonly<Record<string, unknown>>, rules: CallbackRules): Read<string | undefined> {
  const address = readOptional(body, 'callbackUrl', z.string());
  if (!address.ok || address.value === undefined) return address;
  const message = callbackFault(address.value, rules);
  return message === undefined ? address : bad(fault('InvalidValue', ['callbackUrl'], message));
}

/** Faults that the clock makes of a request, looked for also where other things are wrong. */
function timeFaults(
  body: Readonly<Record<string, unknown>>,
  expiresAt: Read<string | undefined>,
  now: number,
): readonly Fault[] {
  const expiry = expiresAt.ok && expiresAt.value !== undefined ? expiryFault(expiresAt.value, now) : undefined;
  const targets = Array.isArray(body.targets) ? body.targets.slice(0, REQUEST_LIMITS.targets) : [];
  const addresses = targets.flatMap((target, index) => {
    const at = isJsonObject(target) && 'ipAddress' in target ? Instant.safeParse(target.at) : undefined;
    const message = at?.success ? addressTimeFault(at.data, now) : undefined;
    return message === undefined ? [] : [fault('OutOfRange', ['targets', index, 'at'], message)];
  });
  return expiry === undefined ? addresses : [...addresses, fault('OutOfRange', ['expiresAt'], expiry)];
}

function faultsIn(one: Read<unknown>): readonly Fault[] {
  return one.ok ? [] : one.faults;
}

/** A field only where there is a value: an optional field is absent, never undefined. */
function present<Key extends string, T>(key: Key, value: T | undefined) {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: T };
}

function refused(faults: readonly Fault[], asRepetition?: Omit<GoodRequest, 'ok'>): RefusedRequest {
  return { ok: false, error: invalidRequest(faults), ...(asRepetition ? { asRepetition } : {}) };
}
