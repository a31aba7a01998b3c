import { type AwakePattern, awakeFrom, awakePattern, isAwake } from './device-timeline.ts';
import { type LiveResponseCommand, subjectOf } from './live-response-body.ts';
import { mulberry32, seedFrom } from './random.ts';
import type { CommandBehaviour, DeviceSpec } from './scenario.ts';

const DAY = 86_400_000;

/** One device of the tenant, as it stands. */
export class Device {
  spec: DeviceSpec;
  /** Epoch ms from which the description's days count. */
  addedAt: number;
  readonly #timeScale: number;
  readonly #firstReportAt: number;
  pattern: AwakePattern;

  /** @param timeScale simulated ms in a real one; fixed for the life of the device */
  constructor(spec: DeviceSpec, addedAt: number, timeScale: number, seed: number) {
    this.spec = spec;
    this.addedAt = addedAt;
    this.#timeScale = timeScale;
    this.pattern = awakePattern(spec.awake, addedAt, timeScale);
    const age = mulberry32(seedFrom(seed, spec.id, 'report'))() * DAY;
    this.#firstReportAt = addedAt - age - (isAwake(this.pattern, addedAt) ? 0 : DAY);
  }

  /** Takes on another description; its days begin anew if it says how they go. Whoever calls this retimes its actions. */
  become(spec: DeviceSpec, days: 'anew' | 'goOn', now: number): void {
    this.spec = spec;
    if (days === 'goOn') return;
    this.addedAt = now;
    this.pattern = awakePattern(spec.awake, now, this.#timeScale);
  }

  get id(): string {
    return this.spec.id;
  }

  /** Awake from now on; a device that is awake already notices nothing. */
  wake(now: number): void {
    this.pattern = awakeFrom(isAwake(this.pattern, now) ? (this.pattern(now)?.from ?? now) : now);
  }

  /** Asleep from now on. A run that has begun goes on. */
  sleep(): void {
    this.pattern = () => undefined;
  }

  /** Simulated ms of this device in ms of the tenant's clock. */
  duration(simulatedMs: number): number {
    return simulatedMs / this.#timeScale;
  }

  /** Whether somebody in the portal has a session here that no list shows. */
  hasPortalSession(now: number): boolean {
    const session = this.spec.portalSession;
    if (typeof session === 'boolean') return session;
    const since = now - this.addedAt;
    return since >= this.duration(session.fromMs) && since < this.duration(session.toMs);
  }

  /** The last full report, epoch ms: about daily, so a poor sign of being awake. */
  lastSeenAt(now: number): number {
    const { reportsAtMs } = this.spec;
    if (reportsAtMs !== undefined) {
      let lastAt = Number.NEGATIVE_INFINITY;
      for (const ms of reportsAtMs) {
        const at = this.addedAt + this.duration(ms);
        if (at <= now && at > lastAt) lastAt = at;
      }
      return lastAt === Number.NEGATIVE_INFINITY ? this.addedAt - 30 * DAY : lastAt;
    }
    if (!isAwake(this.pattern, now)) return this.#firstReportAt;
    return this.#firstReportAt + Math.floor((now - this.#firstReportAt) / DAY) * DAY;
  }

  behaviourOf(command: LiveResponseCommand): CommandBehaviour | undefined {
    const subject = subjectOf(command);
    return this.spec.commands.find(
      (behaviour) =>
        (behaviour.type === undefined || behaviour.type === command.type) &&
        (behaviour.name === undefined || behaviour.name === subject),
    );
  }
}
