import type { Attempt } from '../domain/attempt.ts';
import { wakingPartition } from '../domain/index-keys.ts';
import { isForgotten, withWaking, wokeAt } from '../domain/schedule/waking-hours.ts';
import type { EpochMs } from '../domain/time.ts';
import type { IndexRow } from '../ports.ts';
import type { Deps } from './deps.ts';
import { eachAlone } from './each-alone.ts';
import { pageFrom } from './every-page.ts';

/**
 * One small row for each device that slept when it was tried and has begun since. Fleets that are awake have none, and pay
 * for none. A row that is lost costs later tries, nothing else.
 */

const PAGE = 1_000;

/** Remembers which sleepers have begun, from attempts as they were before a look and with what it showed. */
export async function rememberWaking(deps: Deps, looks: readonly { before: Attempt; after: Attempt }[]): Promise<void> {
  const woken = looks.flatMap(({ before, after }) => {
    const at = wokeAt(before, after, deps.settings.probationMs);
    return at === undefined ? [] : [{ machineId: after.machineId, at }];
  });
  await eachAlone(
    deps,
    'waking.notRemembered',
    woken,
    ({ machineId, at }) => rememberOne(deps, machineId, at),
    ({ machineId }) => ({ machineId }),
  );
}

async function rememberOne(deps: Deps, machineId: string, at: EpochMs): Promise<void> {
  const { tenantId, retentionMs } = deps.settings;
  const next = withWaking(await readWaking(deps, machineId), at, retentionMs);
  if (next) await deps.index.write(wakingPartition(tenantId), { put: [rowOf(machineId, next)] });
}

/** When each of these devices was found awake; one that was never found so is left out. */
export async function wakingHours(
  deps: Deps,
  machineIds: Iterable<string>,
): Promise<ReadonlyMap<string, readonly EpochMs[]>> {
  const ids = [...new Set(machineIds)];
  const rows = await Promise.all(ids.map(async (id) => [id, await readOrNone(deps, id)] as const));
  return new Map(rows.filter(([, begunAt]) => begunAt.length > 0));
}

/** Whoever cannot be looked up rests as long as one that nothing is known of. */
const readOrNone = (deps: Deps, machineId: string): Promise<EpochMs[]> =>
  readWaking(deps, machineId).catch((error: unknown) => {
    deps.log.warn('waking.notRead', { machineId, error: String(error) });
    return [];
  });

async function readWaking(deps: Deps, machineId: string): Promise<EpochMs[]> {
  const query = { from: machineId, to: `${machineId}.`, top: 1 };
  const { value } = await deps.index.range(wakingPartition(deps.settings.tenantId), query);
  return value.flatMap((row) => (row.key === machineId ? instantsOf(row) : []));
}

/**
 * Forgets devices that were not found awake for as long as the state of a collection is kept. One read for a thousand of
 * them, and what is not reached in time is the next run's.
 */
export async function forgetWaking(deps: Deps, until: EpochMs): Promise<void> {
  const { tenantId, retentionMs } = deps.settings;
  const partition = wakingPartition(tenantId);
  let continuation: string | undefined;
  do {
    const page = await deps.index.range(partition, { from: '0', to: '~', ...pageFrom(PAGE, continuation) });
    const old = page.value.filter((row) => isForgotten(instantsOf(row), retentionMs, deps.clock.now()));
    if (old.length > 0) await deps.index.write(partition, { remove: old.map(({ key }) => key) });
    continuation = page.continuation;
  } while (continuation !== undefined && deps.clock.now() < until);
}

const rowOf = (machineId: string, begunAt: readonly EpochMs[]): IndexRow => ({
  key: machineId,
  value: { begunAt: begunAt.join(',') },
});

const instantsOf = ({ value }: IndexRow): EpochMs[] =>
  String(value?.begunAt ?? '')
    .split(',')
    .map(Number)
    .filter((at) => Number.isFinite(at) && at > 0);
