import { setTimeout as pause } from 'node:timers/promises';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import fc from 'fast-check';
import pMap from 'p-map';
import { INTAKE_QUEUE } from '../../../shared/adapters/storage/storage-names.ts';
import { oddMessage } from './odd-bodies.ts';

export interface IntakeReport {
  accepted: number;
  setAside: number;
  /** texts that are neither a collection nor, unchanged, in the poison queue; or both */
  faults: string[];
}

const AT_ONCE = 8;
const LOOK_AGAIN_MS = 200;

/**
 * Sends malformed messages to the intake queue of a host that runs, waits until it has taken all of them, and looks where
 * each has gone. Cancels the collections that came of it. Nobody else may use the queues meanwhile.
 */
export async function fuzzIntake(
  hostUrl: string,
  stateConnectionString: string,
  options: { messages: number; seed: number; withinMs: number },
): Promise<IntakeReport> {
  const service = QueueServiceClient.fromConnectionString(stateConnectionString);
  const [intake, poison] = [service.getQueueClient(INTAKE_QUEUE), service.getQueueClient(`${INTAKE_QUEUE}-poison`)];
  const texts = fc.sample(oddMessage, { numRuns: options.messages, seed: options.seed });
  const sent = await pMap(texts.filter(fitsXml), (text) => send(intake, text), { concurrency: AT_ONCE });
  await untilEmpty(intake, options.withinMs);

  const aside = await takeAll(poison);
  const report: IntakeReport = { accepted: 0, setAside: aside.length, faults: [] };
  for (const { text, messageId } of sent) {
    const at = aside.indexOf(text);
    if (at >= 0) {
      aside.splice(at, 1);
      continue;
    }
    const known = await cancelByRequest(hostUrl, requestIdIn(text) ?? messageId);
    if (known) report.accepted += 1;
    else report.faults.push(`lost: ${JSON.stringify(text.slice(0, 600))}`);
  }
  report.faults.push(...aside.map((text) => `set aside, but never sent: ${JSON.stringify(text.slice(0, 600))}`));
  return report;
}

/** Messages travel in XML, which has no place for most control characters, and turns one line break into another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
const fitsXml = (text: string): boolean => text !== '' && text.isWellFormed() && !/[\0-\x1f\ufffe\uffff]/.test(text);

async function send(queue: QueueClient, text: string): Promise<{ text: string; messageId: string }> {
  const { messageId } = await queue.sendMessage(text);
  return { text, messageId };
}

async function untilEmpty(queue: QueueClient, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (((await queue.getProperties()).approximateMessagesCount ?? 0) > 0) {
    if (Date.now() > deadline) throw new Error(`${queue.name} is not empty after ${withinMs / 1000} s`);
    await pause(LOOK_AGAIN_MS);
  }
}

async function takeAll(queue: QueueClient): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
    if (receivedMessageItems.length === 0) return texts;
    for (const { messageId, popReceipt, messageText } of receivedMessageItems) {
      texts.push(messageText);
      await queue.deleteMessage(messageId, popReceipt);
    }
  }
}

/** @returns whether the request was known */
async function cancelByRequest(hostUrl: string, requestId: string): Promise<boolean> {
  const answer = await fetch(`${hostUrl}/collections?requestId=${encodeURIComponent(requestId)}`, { method: 'DELETE' });
  await answer.body?.cancel();
  return answer.status === 202;
}

function requestIdIn(text: string): string | undefined {
  for (const candidate of [text, Buffer.from(text, 'base64').toString('utf8')]) {
    try {
      const body: unknown = JSON.parse(candidate.replace(/^\ufeff/, ''));
      if (typeof body === 'object' && body !== null && 'requestId' in body) return String(body.requestId);
      return undefined;
    } catch {
      // the other form, then
    }
  }
  return undefined;
}
