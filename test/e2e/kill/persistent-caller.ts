import { z } from 'zod';
import { CollectionView } from '../../../shared/contracts/collection-view.ts';
import { EndedOperation } from '../../../shared/contracts/operation-view.ts';
import { type KillableSystem, until } from './killable-system.ts';

/** What a caller asks for, and repeats until it has an answer. */
export interface Asked {
  requestId: string;
  targets: Record<string, string>[];
  callbackUrl?: string;
  /** the caller cancels it while it runs */
  cancels?: boolean;
}

/** One collection's commands name the request, so that the tenant's record tells what ran for whom. */
const bodyOf = ({ requestId, targets, callbackUrl }: Asked) => ({
  requestId,
  targets,
  caseId: 'INC-KILL',
  commands: [
    { type: 'RunScript', scriptName: 'collect.ps1', args: `-For ${requestId}` },
    { type: 'GetFile', path: `C:\\evidence\\${requestId}.zip` },
  ],
  ...(callbackUrl === undefined ? {} : { callbackUrl }),
});

/** One try. @returns the collection's id and where to follow it, or undefined when the host died meanwhile */
export async function tryToAsk(system: KillableSystem, asked: Asked) {
  const answer = await call(`${system.hostUrl}/collections`, 'POST', bodyOf(asked));
  if (answer === undefined) return undefined;
  if (answer.status !== 202) throw new Error(`${asked.requestId} got ${answer.status}: ${answer.text}`);
  return { collectionId: CollectionView.parse(JSON.parse(answer.text)).collectionId, location: answer.location };
}

/** Repeats a cancel until one is answered. */
export async function tryToCancel(system: KillableSystem, collectionId: string): Promise<boolean> {
  const answer = await call(`${system.hostUrl}/collections/${collectionId}/cancel`, 'POST', {
    comment: 'changed mind',
  });
  if (answer !== undefined && answer.status !== 202) throw new Error(`cancel got ${answer.status}: ${answer.text}`);
  return answer !== undefined;
}

export async function readCollection(system: KillableSystem, collectionId: string) {
  const answer = await call(`${system.hostUrl}/collections/${collectionId}`, 'GET');
  return answer === undefined ? undefined : CollectionView.parse(JSON.parse(answer.text));
}

/** The end of an operation, as a caller sees it who follows `Location`. */
export function untilEnded(asked: Asked, location: string): Promise<EndedOperation> {
  return until(`${asked.requestId} has ended`, async () => {
    const answer = await call(location, 'GET');
    if (answer === undefined || answer.status === 202) return undefined;
    if (answer.status !== 200)
      throw new Error(`${asked.requestId}: its operation got ${answer.status}: ${answer.text}`);
    return EndedOperation.parse(JSON.parse(answer.text));
  });
}

const Page = z.object({ value: z.array(z.unknown()), nextLink: z.string().optional() });

/** All pages of a list. */
export async function readAll<T extends z.ZodType>(url: string, item: T): Promise<z.output<T>[]> {
  const found: z.output<T>[] = [];
  for (let next: string | undefined = url; next !== undefined; ) {
    const answer = await call(next, 'GET');
    if (answer?.status !== 200) throw new Error(`GET ${url} got ${answer?.status}: ${answer?.text}`);
    const page = Page.parse(JSON.parse(answer.text));
    found.push(...page.value.map((value) => item.parse(value)));
    next = page.nextLink;
  }
  return found;
}

/** @returns undefined when the connection broke: the host has died */
async function call(url: string, method: string, body?: unknown) {
  try {
    const answer = await fetch(url, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    return { status: answer.status, location: answer.headers.get('location') ?? '', text: await answer.text() };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
