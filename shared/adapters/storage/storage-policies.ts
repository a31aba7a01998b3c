import type { TableServiceClientOptions } from '@azure/data-tables';
import type { RequestPolicyFactory } from '@azure/storage-blob';
import type { ServiceClock } from './service-clock.ts';
import type { StorageService } from './storage-location.ts';

export type OnTransaction = (service: StorageService, method: string) => void;

/** What a client of the tables SDK takes; the package that names the type is not one of ours. */
type TablePolicy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number];

/** Counts every try that goes to the tables. */
export const countingTablePolicy = (onTransaction: OnTransaction): TablePolicy => ({
  position: 'perRetry',
  policy: {
    name: 'holdfastCounting',
    sendRequest(request, next) {
      onTransaction('table', request.method);
      return next(request);
    },
  },
});

/** Tells a clock what time the service has, with every answer. */
export const hearingTablePolicy = (clock: ServiceClock): TablePolicy => ({
  position: 'perRetry',
  policy: {
    name: 'holdfastServiceTime',
    async sendRequest(request, next) {
      const sentAt = clock.machineNow();
      const response = await next(request);
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) clock.heard({ sentAt, receivedAt: clock.machineNow(), date });
      return response;
    },
  },
});

/** Counts tries at blobs and queues, whose pipeline is another: their repetitions are not counted. */
export const countingFactory = (service: StorageService, onTransaction: OnTransaction): RequestPolicyFactory => ({
  create: (next) => ({
    sendRequest(request) {
      onTransaction(service, request.method);
      return next.sendRequest(request);
    },
  }),
});

/**
 * Gives up a request that no answer comes to: by themselves the SDKs would wait on a dead connection for ever. It is not
 * repeated here, and it may have taken effect.
 */
export const timeLimitTablePolicy = (limitMs: number): TablePolicy => ({
  position: 'perCall',
  policy: {
    name: 'holdfastTimeLimit',
    sendRequest: (request, next) => withinLimit('table', limitMs, request, () => next(request)),
  },
});

export const timeLimitFactory = (service: StorageService, limitMs: number): RequestPolicyFactory => ({
  create: (next) => ({
    sendRequest: (request) => withinLimit(service, limitMs, request, () => next.sendRequest(request)),
  }),
});

interface Limited {
  /** ms of one try; 0 for none */
  timeout: number;
  abortSignal?: { aborted: boolean } | undefined;
}

async function withinLimit<T>(
  service: StorageService,
  limitMs: number,
  request: Limited,
  send: () => Promise<T>,
): Promise<T> {
  if (request.timeout === 0) request.timeout = limitMs;
  try {
    return await send();
  } catch (cause) {
    const ours = cause instanceof Error && cause.name === 'AbortError' && request.abortSignal?.aborted !== true;
    throw ours
      ? new Error(`the ${service} service gave no answer within ${request.timeout / 1000} s`, { cause })
      : cause;
  }
}
