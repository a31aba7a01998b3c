import type { TableServiceClientOptions } from '@azure/data-tables';
import type { RequestPolicyFactory } from '@azure/storage-blob';
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

/** Without it a request on a dead connection would wait for ever: the tables SDK sets no limit of its own. */
export const timeLimitTablePolicy = (limitMs: number): TablePolicy => ({
  position: 'perCall',
  policy: {
    name: 'holdfastTimeLimit',
    sendRequest(request, next) {
      if (request.timeout === 0) request.timeout = limitMs;
      return next(request);
    },
  },
});

/** The same for queues and blobs, whose pipeline is another; repetitions of a call are not counted there. */
export const countingFactory = (service: StorageService, onTransaction: OnTransaction): RequestPolicyFactory => ({
  create: (next) => ({
    sendRequest(request) {
      onTransaction(service, request.method);
      return next.sendRequest(request);
    },
  }),
});

export const timeLimitFactory = (limitMs: number): RequestPolicyFactory => ({
  create: (next) => ({
    sendRequest(request) {
      if (request.timeout === 0) request.timeout = limitMs;
      return next.sendRequest(request);
    },
  }),
});
