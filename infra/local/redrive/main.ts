/**
 * `npm run redrive`: shows the messages that were set aside, each with its reason, and puts them back on their queue.
 * Exit code 0: done; 1: a message that was named is not there; 2: wrong arguments, or the storage cannot be reached.
 */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compose } from '../../../shared/compose.ts';
import { readConfig } from '../../../shared/config.ts';
import {
  HANDLED_QUEUES,
  type PoisonReason,
  poisonDigest,
  readPoisonReasons,
} from '../../../shared/use-cases/poison-reasons.ts';
import { readAppSettings } from '../functions-host/app-settings.ts';
import { storageConnection } from '../functions-host/storage-connection.ts';
import { describe, type PoisonMessage, textsToSend } from './poison-messages.ts';
import { type TakenMessage, takePoison } from './poison-queue.ts';

const USAGE = `Usage: npm run redrive                                  shows what was set aside, and why
       npm run redrive -- --all [--queue NAME]         puts all of it back on its queue
       npm run redrive -- --id MESSAGE_ID              puts one message back
Queues: ${HANDLED_QUEUES.join(', ')}. The storage is the one that the environment or local.settings.json names.`;

const SETTINGS_FILE = fileURLToPath(new URL('../../../local.settings.json', import.meta.url));

interface Wish {
  queues: readonly string[];
  /** Nothing: only shows. */
  wants(message: PoisonMessage): boolean;
  id?: string;
}

/** @param print gets each line for people */
export async function main(args: string[], env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<0 | 1 | 2> {
  const wish = readWish(args);
  if (wish === undefined) {
    print(USAGE);
    return 2;
  }
  try {
    return await redrive(wish, env, print);
  } catch (error) {
    print(`Nothing more was moved: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}

function readWish(args: string[]): Wish | undefined {
  const text = { type: 'string' as const };
  try {
    const { values } = parseArgs({ args, options: { queue: text, id: text, all: { type: 'boolean' } } });
    const { queue, id, all } = values;
    if (queue !== undefined && !HANDLED_QUEUES.some((name) => name === queue)) return undefined;
    if (id !== undefined && all) return undefined;
    const queues = queue === undefined ? HANDLED_QUEUES : [queue];
    return { queues, wants: (m) => all === true || m.messageId === id, ...(id === undefined ? {} : { id }) };
  } catch {
    return undefined;
  }
}

async function redrive(wish: Wish, env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<0 | 1> {
  const service = storageConnection('AzureWebJobsStorage', env).queues();
  const { deps } = compose(readConfig(env));
  const reasons = await readPoisonReasons(deps);
  const shown: TakenMessage[] = [];
  let moved = 0;
  for (const queue of wish.queues) {
    for await (const taken of takePoison(service, queue)) {
      const { message } = taken;
      if (wish.wants(message)) {
        await taken.sendBack(textsToSend(message, reasonOf(message, reasons)?.messageIds ?? []));
        moved += 1;
        print(`Put back on ${queue}: ${message.messageId}`);
      } else shown.push(taken);
    }
  }
  const onlyShows = wish.id === undefined && moved === 0;
  for (const taken of shown) {
    if (onlyShows) for (const line of account(taken.message, reasons)) print(line);
    await taken.release();
  }
  if (wish.id !== undefined && moved === 0) {
    print(`No message ${wish.id} was set aside. "npm run redrive" shows those that were.`);
    return 1;
  }
  print(moved > 0 ? `${moved} put back.` : summary(shown.length));
  return 0;
}

const summary = (count: number): string =>
  count === 0
    ? 'No message was set aside.'
    : `${count} set aside. Heal the cause first; then "npm run redrive -- --all" puts them back.`;

const reasonOf = (message: PoisonMessage, reasons: ReadonlyMap<string, PoisonReason>): PoisonReason | undefined =>
  reasons.get(poisonDigest(message.queue, message.text));

function account(message: PoisonMessage, reasons: ReadonlyMap<string, PoisonReason>): string[] {
  const reason = reasonOf(message, reasons);
  return [
    `${message.queue}  ${message.messageId}  set aside ${message.insertedAt.toISOString()}`,
    `  what: ${describe(message)}`,
    `  why:  ${reason?.why ?? 'not known any more; look for the time in the log'}`,
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const env = await readAppSettings(SETTINGS_FILE, process.env);
  process.exitCode = await main(process.argv.slice(2), env, (line) => process.stdout.write(`${line}\n`));
}
