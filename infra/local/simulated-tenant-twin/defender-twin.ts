import { defenderOver } from '../../../shared/adapters/defender/defender-client.ts';
import type { Clock, Defender, Log } from '../../../shared/ports.ts';
import type { ProducedResult } from '../simulated-tenant/model/reading-actions.ts';
import type { TenantModel } from '../simulated-tenant/model/tenant-model.ts';
import { modelCall } from './model-call.ts';

export interface DefenderTwinOptions {
  /** Where a result is said to lie. The default names action and index under an allowed host that does not exist. */
  linkTo?: (result: ProducedResult) => string;
  log?: Log;
  /** An answer held back longer than this counts as none. */
  timeoutMs?: number;
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * The Defender port on the simulated tenant's model: no HTTP, no waiting, the clock's own time. Everything but the
 * transport is the real client's.
 */
export function createDefenderTwin(model: TenantModel, clock: Clock, options: DefenderTwinOptions = {}): Defender {
  const { linkTo = unreachableLink, log = SILENT, timeoutMs = 30_000 } = options;
  return defenderOver(modelCall(model, clock, { linkTo, timeoutMs }), log);
}

const unreachableLink = ({ actionId, index }: ProducedResult): string =>
  `https://twin.blob.core.windows.net/results/${actionId}/${index}?sig=simulated`;
