import { type EpochMs, seconds } from '../domain/time.ts';
import type { Deps } from './deps.ts';

export type TickKind = 'dispatch' | 'poll';

export interface TickMessage {
  kind: TickKind;
  /** The instant for which it was planned: a tick that was planned anew ignores the older message. */
  at: EpochMs;
}

/** A planned tick that is so late counts as lost, and is planned again. */
const LOST_AFTER_MS = seconds(10);
/** Ticks further away than this are left to the heartbeats. */
const FURTHEST_MS = seconds(60);

interface Planned {
  at?: EpochMs;
}

/**
 * Brings a tick at `at`, unless one is planned no later. One message per kind is under way however many ask, so open
 * work costs one chain of ticks and no work costs none. A lost message costs one heartbeat.
 */
export async function wake(deps: Deps, kind: TickKind, at: EpochMs): Promise<void> {
  const now = deps.clock.now();
  if (at > now + FURTHEST_MS) return;
  const when = Math.max(at, now);
  const planned = await deps.registers.read<Planned>(deps.settings.tenantId, `tick-${kind}`);
  const current = planned?.value.at;
  if (current !== undefined && current <= when && current > now - LOST_AFTER_MS) return;
  const written = await deps.registers.write<Planned>(
    deps.settings.tenantId,
    `tick-${kind}`,
    { at: when },
    planned?.etag,
  );
  // Who wrote in between planned a tick too, or has just begun one, which plans the next at its end.
  if (written === 'conflict') return;
  await deps.queues.send('ticks', { kind, at: when }, when - now);
}

/** Takes up a planned tick: false when it was planned anew, or taken up, meanwhile. */
export async function takeUpTick(deps: Deps, message: TickMessage): Promise<boolean> {
  const planned = await deps.registers.read<Planned>(deps.settings.tenantId, `tick-${message.kind}`);
  if (planned?.value.at !== message.at) return false;
  const name = `tick-${message.kind}`;
  return (await deps.registers.write<Planned>(deps.settings.tenantId, name, {}, planned.etag)) === 'written';
}

export const wakeDispatch = (deps: Deps): Promise<void> => wake(deps, 'dispatch', deps.clock.now());
export const wakePoll = (deps: Deps, inMs = 0): Promise<void> => wake(deps, 'poll', deps.clock.now() + inMs);
