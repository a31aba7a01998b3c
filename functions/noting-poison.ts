import type { InvocationContext } from '@azure/functions';
import { notePoison } from '../shared/use-cases/poison-reasons.ts';
import { runtime } from './runtime.ts';

/** `maxDequeueCount` of host.json: after the failure of this delivery the platform sets the message aside. */
const LAST_DELIVERY = 5;

/** Keeps why the last try at a message failed, before the platform moves it to the poison queue. */
export const notingPoison =
  (queue: string, handle: (message: unknown, context: InvocationContext) => Promise<void>) =>
  async (message: unknown, context: InvocationContext): Promise<void> => {
    try {
      await handle(message, context);
    } catch (error) {
      if (Number(context.triggerMetadata?.dequeueCount) >= LAST_DELIVERY) {
        const messageId = String(context.triggerMetadata?.id ?? '');
        await note({ queue, text: messageText(message), messageId }, error);
      }
      throw error;
    }
  };

/** Without storage there is no reason to keep it in: what the message failed of is in the log as well. */
async function note(message: { queue: string; text: string; messageId: string }, error: unknown): Promise<void> {
  try {
    const { deps } = await runtime();
    await notePoison(deps, message, String(error));
  } catch {
    // the failure itself is thrown, and logged by the platform
  }
}

/** As it came. What the library has parsed is a message of the app's own, which is written the same way. */
export function messageText(message: unknown): string {
  if (message instanceof Uint8Array) return Buffer.from(message).toString('utf8');
  return typeof message === 'string' ? message : JSON.stringify(message);
}
