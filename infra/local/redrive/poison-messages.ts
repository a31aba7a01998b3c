import { createHash } from 'node:crypto';

/** One message of a poison queue, for people. */
export interface PoisonMessage {
  /** The queue that it came from. */
  queue: string;
  messageId: string;
  insertedAt: Date;
  text: string;
}

const INTAKE = 'collection-requests';

/** Queues whose messages may be set aside. */
export const REDRIVEN_QUEUES = [INTAKE, 'collections', 'results', 'ticks'] as const;

/**
 * What goes back to the queue. A request without a requestId was known by the id of its message, and gets another one
 * there: one derived from the message set aside stands in, so that a second try after a crash is the same collection.
 */
export function textToSend({ queue, messageId, text }: PoisonMessage): string {
  const body = queue === INTAKE ? objectIn(text) : undefined;
  if (body === undefined || body.requestId !== undefined) return text;
  const id = createHash('sha256').update(messageId).digest('hex').slice(0, 32);
  return JSON.stringify({ ...body, requestId: `redriven-${id}` });
}

/** What a message is about, without any value that could be a secret. */
export function describe({ queue, text }: PoisonMessage): string {
  const bytes = `${Buffer.byteLength(text)} bytes`;
  const body = objectIn(text);
  if (body === undefined) return `${bytes}, not a JSON object`;
  if (queue !== INTAKE) return short(text);
  const count = (value: unknown) => (Array.isArray(value) ? value.length : 'no');
  const named = (['requestId', 'caseId'] as const).flatMap((name) =>
    typeof body[name] === 'string' ? [`${name} ${short(body[name])}`] : [],
  );
  return [...named, `${count(body.targets)} targets`, `${count(body.commands)} commands`, bytes].join(', ');
}

const MOST_CHARACTERS = 100;

const short = (text: string): string => {
  const printable = text.replace(/[\p{C}]/gu, ' ');
  return printable.length > MOST_CHARACTERS ? `${printable.slice(0, MOST_CHARACTERS)}…` : printable;
};

/** Plain JSON or base64 of it, as the intake reads it. */
function objectIn(text: string): Record<string, unknown> | undefined {
  for (const candidate of [text, Buffer.from(text.trim(), 'base64').toString('utf8')]) {
    try {
      const value: unknown = JSON.parse(candidate.replace(/^\uFEFF/, ''));
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    } catch {
      // the other form, or neither
    }
  }
  return undefined;
}
