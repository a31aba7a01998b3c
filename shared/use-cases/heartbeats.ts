import type { EpochMs } from '../domain/time.ts';
import type { Deps } from './deps.ts';

const partition = (deps: Deps): string => `${deps.settings.tenantId}|heartbeats`;

/** One blind write, so that an idle heartbeat stays at two storage calls. */
export async function noteHeartbeat(deps: Deps, name: 'dispatch' | 'poll'): Promise<void> {
  await deps.index.write(partition(deps), { put: [{ key: name, value: { at: deps.clock.now() } }] });
}

/** When the heartbeats were last heard, by name; none yet: empty. */
export async function heartbeats(deps: Deps): Promise<Record<string, EpochMs>> {
  const rows = await deps.index.range(partition(deps), { from: 'a', to: 'z', top: 10 });
  return Object.fromEntries(rows.value.map(({ key, value }) => [key, Number(value?.at ?? 0)]));
}
