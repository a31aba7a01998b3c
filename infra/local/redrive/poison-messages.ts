import { sha256Hex } from '../../../shared/use-cases/digest.ts';
import { jsonOf } from '../../../shared/use-cases/take-in-message.ts';

/** One message of a poison queue, for people. */
export interface PoisonMessage {
  /** The queue that it came from. */
  queue: string;
  messageId: string;
  insertedAt: Date;
  text: string;
}

const INTAKE = 'collection-requests';

/**
 * What goes back to the queue. A request without a requestId was known by the id of its message, and gets another one
 * there: its first id becomes its requestId, so that it stays the same collection, were it accepted before, set aside
 * twice, or put back twice by a crash. Several requests of one text are put back together, each by its own id. Where no
 * id is known, one derived from the message set aside stands in.
 */
export function textsToSend({ queue, messageId, text }: PoisonMessage, firstIds: readonly string[]): string[] {
  const body = queue === INTAKE ? objectIn(text) : undefined;
  if (body === undefined || body.requestId !== undefined) return [text];
  const derived = () => `redriven-${sha256Hex(messageId).slice(0, 32)}`;
  const ids = firstIds.length > 0 ? firstIds : [derived()];
  return ids.map((requestId) => JSON.stringify({ ...body, requestId }));
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

/** As the intake reads it. */
function objectIn(text: string): Record<string, unknown> | undefined {
  const value = jsonOf(text)?.value;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
