import { defenderOver, ENTRY_READERS } from '../../../shared/adapters/defender/defender-client.ts';
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
  return defenderOver(modelCall(model, clock, { linkTo, timeoutMs }), log, {
    readAction: onceEach(ENTRY_READERS.readAction),
    readMachine: onceEach(ENTRY_READERS.readMachine),
  });
}

/** The model shows what has not changed as the same frozen object: it is read once, and what was read is frozen too. */
function onceEach<T extends object>(read: (entry: unknown) => T | undefined): (entry: unknown) => T | undefined {
  const known = new WeakMap<object, T | undefined>();
  return (entry) => {
    if (typeof entry !== 'object' || entry === null || !Object.isFrozen(entry)) return read(entry);
    if (known.has(entry)) return known.get(entry);
    const value = Object.freeze(read(entry));
    known.set(entry, value);
    return value;
  };
}

const unreachableLink = ({ actionId, index }: ProducedResult): string =>
  `https://twin.blob.core.windows.net/results/${actionId}/${index}?sig=simulated`;
