import type { InvocationContext } from '@azure/functions';
import { notePoison } from '../shared/use-cases/poison-reasons.ts';
import { runtime } from './runtime.ts';

/** `maxDequeueCount` of host.json: after the failure of this delivery the platform sets the message aside. */
const LAST_DELIVERY = 5;

/** Keeps why the last try at a message failed, before the platform moves it to the poison queue. */
export const notingPoison =
  (queue: string, handle: (message: unknown) => Promise<void>) =>
  async (message: unknown, context: InvocationContext): Promise<void> => {
    try {
      await handle(message);
    } catch (error) {
      if (Number(context.triggerMetadata?.dequeueCount) >= LAST_DELIVERY) await note(queue, message, error);
      throw error;
    }
  };

/** Without storage there is no reason to keep it in: what the message failed of is in the log as well. */
async function note(queue: string, message: unknown, error: unknown): Promise<void> {
  try {
    const { deps } = await runtime();
    // The library has parsed it; the app's own messages are written the same way.
    await notePoison(deps, queue, JSON.stringify(message), String(error));
  } catch {
    // the failure itself is thrown, and logged by the platform
  }
}
