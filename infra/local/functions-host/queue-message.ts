import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { InvocationRequest, TypedData } from './functions-core.ts';
import type { QueueSettings } from './host-json.ts';

/** @returns undefined when the text is not base64 although `messageEncoding` says so */
export function decodeMessage(text: string, encoding: QueueSettings['messageEncoding']): string | undefined {
  if (encoding === 'none') return text;
  const compact = text.replace(/\s/g, '');
  const bytes = Buffer.from(compact, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === compact.replace(/=+$/, '')
    ? bytes.toString('utf8')
    : undefined;
}

export function encodeMessage(text: string, encoding: QueueSettings['messageEncoding']): string {
  return encoding === 'none' ? text : Buffer.from(text, 'utf8').toString('base64');
}

/**
 * Trigger metadata carries .NET's names; the library makes `dequeueCount` of `DequeueCount`.
 * @param binary the binding's `dataType` is `binary`: the app gets the bytes, unparsed
 */
export function toQueueInvocation(
  binding: string,
  message: DequeuedMessageItem,
  text: string,
  binary = false,
): InvocationRequest {
  const instant = (at: Date): TypedData => ({ json: JSON.stringify(at.toISOString()) });
  return {
    inputData: [{ name: binding, data: binary ? { bytes: Buffer.from(text, 'utf8') } : { string: text } }],
    triggerMetadata: {
      QueueTrigger: { string: text },
      DequeueCount: { int: message.dequeueCount },
      Id: { string: message.messageId },
      PopReceipt: { string: message.popReceipt },
      InsertionTime: instant(message.insertedOn),
      ExpirationTime: instant(message.expiresOn),
      NextVisibleTime: instant(message.nextVisibleOn),
    },
  };
}
