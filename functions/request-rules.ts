import type { Holdfast } from '../shared/compose.ts';
import type { RequestRules } from '../shared/contracts/collection-request.ts';

/** What requests are judged by, whichever way they come in. */
export function requestRules(
  { config, deps }: Holdfast,
  ids: Pick<RequestRules, 'headerRequestId' | 'defaultRequestId'>,
): RequestRules {
  return {
    now: deps.clock.now(),
    callbackHosts: [...config.callbackHosts],
    loopbackAllowed: config.loopbackAllowed,
    ...ids,
  };
}
