import type { Clock, DefenderFault, Log, Reply } from '../../ports.ts';
import { AnswerTooLarge, readCapped } from './capped-body.ts';
import { faultOf, networkFault } from './faults.ts';
import type { TokenSource } from './token-source.ts';
import { plainText } from './wire/plain-text.ts';

export interface DefenderConnection {
  /** Scheme, host and perhaps a path, without trailing slash. */
  baseUrl: string;
  token: TokenSource;
  clock: Clock;
  fetch?: typeof fetch;
  /** For one HTTP call, its body included. */
  timeoutMs: number;
  log: Log;
}

export interface DefenderRequest {
  /** Named in the log. */
  endpoint: string;
  method: 'GET' | 'POST';
  /** From `/api` on, encoded. */
  path: string;
  body?: unknown;
  mostBytes?: number;
}

export type DefenderCall = (request: DefenderRequest) => Promise<Reply<unknown>>;

const MEGABYTE = 1_048_576;
const USUAL_ANSWER = 16 * MEGABYTE;
export const MACHINES_ANSWER = 64 * MEGABYTE;
/** Errors are a line or two. */
const ERROR_ANSWER = 65_536;

/**
 * One call of Defender's API with its parsed JSON body, or why there is none. A second HTTP request is made only after a
 * 401, once, with a new token. No redirect is followed; bodies, tokens and links are never logged.
 */
export function defenderCall(connection: DefenderConnection): DefenderCall {
  const { token, clock, log } = connection;
  return async (request) => {
    const startedAt = clock.now();
    const reply = await withToken(token, (bearer) => exchange(connection, request, bearer));
    if (!reply.ok) {
      log.warn('defender.fault', {
        endpoint: request.endpoint,
        kind: reply.fault.kind,
        ...('httpStatus' in reply.fault ? { httpStatus: reply.fault.httpStatus } : {}),
        ...('code' in reply.fault ? { code: reply.fault.code } : {}),
        ms: clock.now() - startedAt,
      });
    }
    return reply;
  };
}

/** A 401 is refused by the gate before anything happens, so a submit can be repeated as safely as a read. */
async function withToken(
  source: TokenSource,
  send: (bearer: string) => Promise<Reply<unknown>>,
): Promise<Reply<unknown>> {
  const first = await tokenOr(() => source.token());
  if (!first.ok) return first;
  const reply = await send(first.value);
  if (reply.ok || reply.fault.kind !== 'refused' || reply.fault.httpStatus !== 401) return reply;
  const second = await tokenOr(() => source.refresh(first.value));
  return second.ok ? send(second.value) : second;
}

async function tokenOr(get: () => Promise<string>): Promise<Reply<string>> {
  try {
    return { ok: true, value: await get() };
  } catch (error) {
    const reason = error instanceof Error ? plainText(error.message) : 'unknown';
    return failed({ kind: 'unavailable', message: `no token for Defender: ${reason}`, reached: false });
  }
}

async function exchange(
  connection: DefenderConnection,
  request: DefenderRequest,
  bearer: string,
): Promise<Reply<unknown>> {
  const { baseUrl, clock, timeoutMs, fetch: send = fetch } = connection;
  let response: Response;
  try {
    response = await send(`${baseUrl}${request.path}`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${bearer}`,
        accept: 'application/json',
        'user-agent': 'holdfast',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    return failed(networkFault(error, timeoutMs));
  }
  if (response.ok) return readValue(response, request.mostBytes ?? USUAL_ANSWER, timeoutMs);
  const { status: httpStatus, headers } = response;
  // status and headers say enough when the body breaks off
  const body = await readCapped(response, ERROR_ANSWER).catch(() => '');
  return failed(faultOf({ httpStatus, headers, body }, clock.now()));
}

/** A success without a readable body may still have taken effect. */
async function readValue(response: Response, mostBytes: number, timeoutMs: number): Promise<Reply<unknown>> {
  let body: string;
  try {
    body = await readCapped(response, mostBytes);
  } catch (error) {
    if (error instanceof AnswerTooLarge) return unreadable(response.status, error.message);
    const fault = networkFault(error, timeoutMs);
    return unreadable(response.status, 'message' in fault ? fault.message : 'answer broke off');
  }
  if (body.trim() === '') return unreadable(response.status, 'empty answer');
  try {
    return { ok: true, value: JSON.parse(body) };
  } catch {
    return unreadable(response.status, 'answer is not JSON');
  }
}

export function unreadable(httpStatus: number | undefined, message: string): Reply<never> {
  return failed({
    kind: 'unavailable',
    ...(httpStatus === undefined ? {} : { httpStatus }),
    message,
    reached: true,
  });
}

const failed = (fault: DefenderFault): Reply<never> => ({ ok: false, fault });
