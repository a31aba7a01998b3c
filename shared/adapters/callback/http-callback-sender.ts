import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isLoopback } from '../../domain/evidence/copy-route.ts';
import { seconds } from '../../domain/time.ts';
import type { CallbackSender } from '../../ports.ts';
import { linkAllowed } from '../results/link-hosts.ts';
import { AddressNotAllowed, checkedLookup, literalAddress, type Resolve, systemResolve } from './checked-lookup.ts';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

export interface CallbackSenderOptions {
  /** Suffixes; checked again here, because they may have changed since the collection was accepted. */
  allowedHosts: readonly string[];
  loopbackAllowed: boolean;
  timeoutMs?: number;
  resolve?: Resolve;
}

type Outcome = Awaited<ReturnType<CallbackSender['post']>>;

/** So short that a receiver who hangs is told twice more within a minute and a half. Ours. */
const TIMEOUT_MS = seconds(15);
/** The receiver's answer is read so far, and dropped. */
const MOST_ANSWER_BYTES = 65_536;

/**
 * Tells a requester over HTTPS. The address is a secret of the requester and chosen by him: no message holds it, no
 * redirect is followed, and a connection is made only to a checked public address. Never throws.
 */
export function createCallbackSender(options: CallbackSenderOptions): CallbackSender {
  return {
    post: async (url, body) => {
      const target = URL.parse(url);
      if (target === null) return { message: 'the callback address cannot be read' };
      if (!linkAllowed(target, options)) return { message: 'the callback host is not allowed' };
      if (target.username !== '' || target.password !== '') return { message: 'the callback address names a user' };
      const isAllowed = isLoopback(target.hostname) ? isLoopbackAddress : isPublicAddress;
      const literal = literalAddress(target.hostname);
      if (literal !== undefined && !isAllowed(literal)) return { message: new AddressNotAllowed().message };
      try {
        const lookup = checkedLookup(options.resolve ?? systemResolve, isAllowed);
        return await exchange(target, JSON.stringify(body), lookup, options.timeoutMs ?? TIMEOUT_MS);
      } catch (error) {
        return { message: reasonOf(error) };
      }
    },
  };
}

function exchange(
  target: URL,
  body: string,
  lookup: ReturnType<typeof checkedLookup>,
  timeoutMs: number,
): Promise<Outcome> {
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(target, {
      method: 'POST',
      lookup,
      // a connection of its own: none that is kept could have been made under another check
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'holdfast',
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      // the receiver has spoken: what becomes of the rest of its answer changes nothing
      request.off('error', reject).on('error', () => undefined);
      const outcome = { httpStatus: response.statusCode ?? 0 };
      drop(response).then(() => resolve(outcome));
    });
    request.end(body);
  });
}

/** Ends when the answer ends, breaks, or grows too long. */
function drop(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_ANSWER_BYTES) response.destroy();
    });
    response.on('error', () => resolve());
    response.on('close', resolve);
  });
}

/** Without the address, which the messages of Node's errors may hold. */
function reasonOf(error: unknown): string {
  if (error instanceof AddressNotAllowed) return error.message;
  if (!(error instanceof Error)) return 'the callback failed';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'the receiver did not answer in time';
  return `connection failed (${'code' in error && typeof error.code === 'string' ? error.code : error.name})`;
}
