import { parseCollectionRequest, type RequestRules } from '../contracts/collection-request.ts';
import type { RequestedBy } from '../domain/collection.ts';
import type { RemovedCollection } from '../domain/retention.ts';
import { acceptCollection, findRepetition } from './accept-collection.ts';
import type { Deps } from './deps.ts';
import { notePoison } from './poison-reasons.ts';
import { tellRemoved } from './removed-collection.ts';

export interface IncomingMessage {
  queue: string;
  messageId: string;
  text: string;
}

/**
 * Takes a queue message in, or sets it aside unchanged where a person can look at it. A message delivered twice is one
 * collection: without a requestId of its own, its message id serves.
 */
export async function takeInMessage(
  deps: Deps,
  message: IncomingMessage,
  rulesFor: (defaultRequestId: string) => RequestRules,
): Promise<void> {
  const requestedBy: RequestedBy = { kind: 'queue', messageId: message.messageId };
  const body = jsonOf(message.text);
  if (body === undefined) return setAside(deps, message, 'it is neither JSON nor base64 of JSON');
  const rules = rulesFor(message.messageId);
  const parsed = parseCollectionRequest(body.value, rules);
  const acceptance = parsed.ok ? parsed : parsed.asRepetition;
  if (!acceptance) return setAside(deps, message, parsed.ok ? '' : parsed.error.message);
  const accept = parsed.ok ? acceptCollection : findRepetition;
  const accepted = await accept(deps, { ...acceptance, requestedBy, receivedAt: rules.now });
  if (!accepted) return setAside(deps, message, parsed.ok ? 'it was not accepted' : parsed.error.message);
  if (accepted.kind === 'reused') await setAside(deps, message, whyReused(accepted.removed));
}

const whyReused = (removed: RemovedCollection | undefined): string =>
  removed
    ? `its requestId was used before. ${tellRemoved(removed)}`
    : 'its requestId was used before with another body';

async function setAside(deps: Deps, message: IncomingMessage, why: string): Promise<void> {
  const { queue, messageId, text } = message;
  await notePoison(deps, message, why);
  await deps.queues.sendText(`${queue}-poison`, text);
  deps.log.warn('intake.setAside', { messageId, why });
}

/** Plain JSON, or base64 of it. */
export function jsonOf(text: string): { value: unknown } | undefined {
  return parsed(text) ?? parsed(Buffer.from(text.trim(), 'base64').toString('utf8'));
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch {
    return undefined;
  }
}
