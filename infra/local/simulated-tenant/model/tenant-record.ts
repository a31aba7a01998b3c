import type { Endpoint } from './endpoints.ts';
import type { Refusal, Reply } from './reply.ts';

/** One call as the tenant saw it. No token, no link, no body. */
export interface CallRecord {
  at: number;
  endpoint: Endpoint;
  status: number;
  code?: string;
  machineId?: string;
  actionId?: string;
  refusal?: Refusal;
  lost?: 'request' | 'reply';
}

/** What a call was about. */
export interface CallSubject {
  machineId?: string;
  actionId?: string;
}

/** Calls that the record keeps one by one; older ones stay counted. */
const MOST_CALLS = 200_000;

/** What the tenant remembers of its callers. */
export class TenantRecord {
  calls: CallRecord[] = [];
  readonly countByEndpoint = new Map<Endpoint, number>();
  /** Sessions that callers held at once, at the most. */
  mostSessions = 0;

  add(at: number, endpoint: Endpoint, reply: Reply, subject: CallSubject): void {
    this.countByEndpoint.set(endpoint, (this.countByEndpoint.get(endpoint) ?? 0) + 1);
    if (this.calls.length >= MOST_CALLS) this.calls = this.calls.slice(MOST_CALLS / 2);
    this.calls.push({
      at,
      endpoint,
      status: reply.status,
      ...codeOf(reply.body),
      ...subject,
      ...(reply.refusal !== undefined && { refusal: reply.refusal }),
      ...(reply.lost !== undefined && { lost: reply.lost }),
    });
  }
}

function codeOf(body: unknown): { code?: string } {
  if (typeof body !== 'object' || body === null || !('error' in body)) return {};
  const { error } = body as { error: { code: string } };
  return { code: error.code };
}
