/**
 * What the tenant answers to one call. The model makes it, the HTTP layer sends it, and an in-process caller reads it
 * as it is.
 */
export interface Reply<Body = unknown> {
  status: number;
  headers: Record<string, string>;
  /** Absent: no body at all (204, or the empty 200 that Defender sometimes gives). */
  body?: Body;
  /** A body that is no JSON, sent as it is. */
  raw?: string;
  /** `request`: the connection broke before anything happened; `reply`: it happened, and the answer was lost. */
  lost?: 'request' | 'reply';
  /** How long the answer is held back, in ms. */
  delayMs?: number;
  /** Why a 429 was given; for the tenant's own record, never sent. */
  refusal?: Refusal;
}

export type Refusal = 'submitRate' | 'callsPerMinute' | 'callsPerHour' | 'sessions' | 'unseenSessions' | 'scripted';

/** The body of an error. @see defender-docs, common-errors: branch on `code`, `message` may change. */
export interface ErrorBody {
  error: { code: string; message: string; target: string };
}

export function ok<Body>(body: Body, status = 200): Reply<Body> {
  return { status, headers: {}, body };
}

/** @param target a correlation id for Microsoft's support, never the id of an action */
export function refused(status: number, code: string, message: string, target: string): Reply<ErrorBody> {
  return { status, headers: {}, body: { error: { code, message, target } } };
}

/** Whether a reply is a success that arrived with a body. */
export function succeeded<Body>(reply: Reply<Body | ErrorBody>): reply is Reply<Body> & { body: Body } {
  return reply.status >= 200 && reply.status < 300 && reply.body !== undefined && reply.lost === undefined;
}
