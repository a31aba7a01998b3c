import { carriedText } from '../../../../shared/adapters/storage/queue-messages.ts';
import { INTAKE_QUEUE } from '../../../../shared/adapters/storage/storage-names.ts';
import type { Collection } from '../../../../shared/domain/collection.ts';
import {
  collectionAgendaKey,
  collectionsAgenda,
  listKey,
  listsPartition,
} from '../../../../shared/domain/index-keys.ts';
import { idForRequest } from '../../../../shared/use-cases/digest.ts';
import { openAddress } from '../../../../shared/use-cases/sealed-address.ts';
import { wrongWith } from '../judge-answer.ts';
import type { OddRequest } from '../odd-requests.ts';
import { type Kept, wronglyKept } from './kept-as-asked.ts';
import type { TwinAnswer, TwinApp } from './twin-app.ts';
import type { TwinCase } from './twin-cases.ts';
import type { Twins } from './twin-runtime.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Verdict {
  /** A status, `host` where none of our functions is asked, or `accepted` or `setAside` for a message. */
  outcome: string;
  wrong?: string;
}

/** Does what the case says, twice, and says what is wrong with what came of it. */
export function judgeCase(app: TwinApp, twins: Twins, one: TwinCase, messageId: string): Promise<Verdict> {
  return one.kind === 'http'
    ? judgeRequest(app, twins, one.request)
    : judgeMessage(app, twins, messageId, carriedText(one.text));
}

async function judgeRequest(app: TwinApp, twins: Twins, request: OddRequest): Promise<Verdict> {
  const answer = await app.http(request);
  if (answer === undefined) return { outcome: 'host' };
  const outcome = String(answer.status);
  const sent = sentTo(twins, 'collections');
  const wrong =
    wrongWith(request, answer) ??
    (isAcceptance(request, answer) ? await wrongAcceptance(twins, request, answer, sent) : undefined) ??
    wrongRepetition(request, answer, await app.http(request));
  sentTo(twins, 'collections');
  return wrong === undefined ? { outcome } : { outcome, wrong };
}

const isSubmit = ({ method, path }: OddRequest): boolean => method === 'POST' && /^\/api\/collections(\?|$)/.test(path);
const isAcceptance = (request: OddRequest, { status }: TwinAnswer): boolean => isSubmit(request) && status === 202;

/** What HTTP takes from both ends of a header, and nothing else: a no-break space belongs to the value. */
const OUTER_SPACE = /^[ \t]+|[ \t]+$/g;

async function wrongAcceptance(
  twins: Twins,
  { headers, body = Buffer.of() }: OddRequest,
  { text }: TwinAnswer,
  sent: readonly string[],
): Promise<string | undefined> {
  const { collectionId } = JSON.parse(text) as { collectionId: string };
  if (!sent.some((message) => message.includes(collectionId))) return 'no message wakes the collection';
  const asked = JSON.parse(body.toString('utf8').replace(/^\ufeff/, '')) as Json;
  return wrongCollection(twins, collectionId, asked, headers['Idempotency-Key']?.replace(OUTER_SPACE, ''));
}

async function wrongCollection(
  { holdfast, clock }: Twins,
  collectionId: string,
  asked: Json,
  requestId: string | undefined,
): Promise<string | undefined> {
  const { collections, secrets, index } = holdfast.deps;
  const header = (await collections.header(collectionId))?.value;
  const request = await collections.request(collectionId);
  if (!header || !request) return 'the collection was answered for and is not stored';
  const key = header.callback && (await secrets.key('callback-address'));
  const callbackUrl = header.callback && key && openAddress(key, header.callback.sealedUrl);
  // A repetition may come later than the first: a default counts from then.
  const acceptedAt = asked.expiresAt === undefined ? header.createdAt : clock.at;
  const kept: Kept = { header, request, callbackUrl };
  return wronglyKept(asked, requestId, acceptedAt, kept) ?? (await missingRow(index, header));
}

/** A heartbeat finds it, and so does whoever lists. */
async function missingRow(index: Twins['state']['index'], header: Collection): Promise<string | undefined> {
  const { tenantId } = header;
  const due = collectionAgendaKey(header);
  const rows: [string, string | undefined][] = [
    [collectionsAgenda(tenantId), due],
    [listsPartition(tenantId), listKey('all', header)],
  ];
  for (const [partition, key] of rows) {
    if (key === undefined) return 'no heartbeat will look at the collection';
    const { value } = await index.range(partition, { from: key, to: `${key}~`, top: 1 });
    if (value[0]?.key !== key) return `the row ${key} of ${partition} is missing`;
  }
  return undefined;
}

/** The same bytes again get the same answer; without a `requestId` an accepted request is another collection. */
function wrongRepetition(request: OddRequest, first: TwinAnswer, again: TwinAnswer | undefined): string | undefined {
  if (first.status !== again?.status) return `${first.status}, and for the same again ${again?.status}`;
  if (first.status >= 400)
    return first.text === again.text ? undefined : `another refusal for the same again: ${again.text.slice(0, 300)}`;
  if (!isSubmit(request)) return undefined;
  const named = JSON.parse(first.text).requestId !== null;
  return (first.headers.location === again.headers.location) === named
    ? undefined
    : `${named ? 'another' : 'the same'} collection for the same again`;
}

async function judgeMessage(app: TwinApp, twins: Twins, messageId: string, text: string): Promise<Verdict> {
  await app.message(messageId, text);
  const aside = sentTo(twins, `${INTAKE_QUEUE}-poison`);
  sentTo(twins, 'collections');
  if (aside.length > 0) {
    const whole = aside.length === 1 && aside[0] === text;
    return whole ? { outcome: 'setAside' } : { outcome: 'setAside', wrong: 'set aside more than once, or changed' };
  }
  const asked = readMessage(text);
  if (asked === undefined) return { outcome: 'accepted', wrong: 'lost: neither a collection nor set aside' };
  const requestId = typeof asked.requestId === 'string' ? asked.requestId : messageId;
  const { tenantId } = twins.holdfast.deps.settings;
  const collectionId = idForRequest(tenantId, 'shared', requestId);
  const wrong = await wrongCollection(twins, collectionId, asked, messageId);
  await app.message(messageId, text);
  const again = sentTo(twins, `${INTAKE_QUEUE}-poison`);
  sentTo(twins, 'collections');
  const twice = again.length > 0 ? 'set aside when it came again' : undefined;
  return { outcome: 'accepted', ...((wrong ?? twice) ? { wrong: wrong ?? twice ?? '' } : {}) };
}

const sentTo = ({ state, clock }: Twins, queue: string): string[] =>
  state.queues.receive(queue, clock.at + 1).map(({ text }) => text);

function readMessage(text: string): Json | undefined {
  for (const candidate of [text, Buffer.from(text.trim(), 'base64').toString('utf8')]) {
    try {
      return JSON.parse(candidate.replace(/^\ufeff/, '')) as Json;
    } catch {
      // the other form, then
    }
  }
  return undefined;
}
