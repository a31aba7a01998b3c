import { dueBy, dueKey, poisonPartition } from '../domain/index-keys.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './digest.ts';
import { everyPage, pageFrom } from './every-page.ts';

/** Queues whose messages may be set aside, each in a queue of its own. */
export const HANDLED_QUEUES = ['collection-requests', 'collections', 'results', 'ticks'] as const;
export const POISON_QUEUES = HANDLED_QUEUES.map((queue) => `${queue}-poison`);

/** Why a message was set aside. The message itself lies unchanged in its poison queue. */
export interface PoisonReason {
  /** The queue that it came from. */
  queue: string;
  why: string;
  at: EpochMs;
  /** Ids of the messages that bore this text when they were handled; the platform gives another id in the poison queue. */
  messageIds: string[];
}

type ReasonDeps = Pick<Deps, 'index' | 'clock' | 'settings'>;

/** A sentence; an answer that an error quotes may be long. */
const MOST_CHARACTERS = 500;
const PAGE = 1_000;

/** Finds a message again by its text: the platform gives it another id when it sets it aside. */
export const poisonDigest = (queue: string, text: string): string => sha256Hex(`${queue}\n${text}`);

/** To be kept before the message is set aside. */
export async function notePoison(
  deps: ReasonDeps,
  { queue, text, messageId }: { queue: string; text: string; messageId: string },
  why: string,
): Promise<void> {
  const at = deps.clock.now();
  const key = dueKey(at, `${poisonDigest(queue, text)}|${sha256Hex(messageId).slice(0, 16)}`);
  const row = { key, value: { queue, why: why.slice(0, MOST_CHARACTERS), messageId } };
  await deps.index.write(poisonPartition(deps.settings.tenantId), { put: [row] });
}

/** The last reason of each message that was set aside, by `poisonDigest`. */
export async function readPoisonReasons(deps: ReasonDeps): Promise<Map<string, PoisonReason>> {
  const partition = poisonPartition(deps.settings.tenantId);
  const rows = await everyPage((continuation) =>
    deps.index.range(partition, { from: '0', to: '~', ...pageFrom(PAGE, continuation) }),
  );
  const reasons = new Map<string, PoisonReason>();
  for (const { key, value } of rows) {
    const [at, digest = ''] = key.split('|');
    const messageIds = new Set(reasons.get(digest)?.messageIds);
    if (value?.messageId) messageIds.add(String(value.messageId));
    const reason = { queue: String(value?.queue), why: String(value?.why), at: Number(at) };
    reasons.set(digest, { ...reason, messageIds: [...messageIds] });
  }
  return reasons;
}

/** Reasons are kept as long as the state of a collection. @returns how many went */
export async function forgetPoisonReasons(deps: ReasonDeps & { settings: { retentionMs: number } }): Promise<number> {
  const partition = poisonPartition(deps.settings.tenantId);
  const query = { from: '0', to: dueBy(deps.clock.now() - deps.settings.retentionMs), top: PAGE };
  const { value } = await deps.index.range(partition, query);
  if (value.length > 0) await deps.index.write(partition, { remove: value.map(({ key }) => key) });
  return value.length;
}
