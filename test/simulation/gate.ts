import type { EvidenceStore, Reply, ResultBody, ResultSource } from '../../shared/ports.ts';
import type { CallFault, IoStep, PortName } from './faults.ts';
import { type Invocation, invocation, type Life } from './life.ts';

/** How one call goes: how long it is on its way and how long its answer is, in ms, and what goes wrong. */
export interface CallFate {
  thereMs: number;
  backMs: number;
  fault?: CallFault;
  /** Whether an error says that the call may have taken effect. */
  reached: boolean;
  retryAfterMs?: number;
}

/** What the gates need of the simulation. */
export interface GateKeeper {
  after(ms: number, happen: () => boolean | Promise<unknown> | undefined): void;
  now(): number;
  fateOf(step: IoStep, args: readonly unknown[], life: Life): CallFate;
  /** An answer of the tables has arrived: it tells their time at `arrivedAt`. */
  heard(life: Life, sentAt: number, arrivedAt: number): void;
  /** A call has taken effect; `result` is what the port said. */
  seen(step: IoStep, args: readonly unknown[], result: unknown, by: Invocation | undefined): void;
  struck(step: IoStep, fault: CallFault | undefined, args: readonly unknown[], by: Invocation | undefined): void;
}

/** What a port throws when the simulation makes it fail. */
export class InjectedFault extends Error {
  constructor(message: string) {
    super(`injected: ${message}`);
    this.name = 'InjectedFault';
  }
}

/** Calls to tables. */
const TELLS_TIME = /^(collections|work|index|registers)\./;

/** Longest that one Defender call may take before its client gives up (PATIENCE.callTimeoutMs). */
const CALL_TIMEOUT_MS = 30_000;

/**
 * One call through the gate: on its way for a while, then its effect, if any, then its answer for a while. A process
 * that has crashed gets no answer; what it had sent may still take effect.
 */
export function throughGate<T>(
  keeper: GateKeeper,
  life: Life,
  step: IoStep,
  args: readonly unknown[],
  effect: () => Promise<T>,
): Promise<T> {
  const by = invocation();
  return new Promise<T>((resolve, reject) => {
    if (!life.alive) return;
    const fate = keeper.fateOf(step, args, life);
    const isDefender = step.startsWith('defender.');
    const sentAt = keeper.now();
    let arrivedAt = sentAt;
    const arrive = async () => {
      const { fault } = fate;
      arrivedAt = keeper.now();
      // what was on the wire when its sender died arrives, or not
      if (!life.alive && fate.backMs % 2 < 1) return;
      if (fault && life.alive && by) by.struck = true;
      keeper.struck(step, life.alive ? fault : undefined, args, by);
      if (life.alive && fault === 'crashBefore') return life.crash();
      if (fault === 'error' || fault === 'throttled' || fault === 'outage' || fault === 'conflict')
        return answer(failureOf<T>(step, fault, fate));
      const outcome = await settled(effect());
      if ('value' in outcome) keeper.seen(step, args, outcome.value, by);
      if (life.alive && fault === 'crashAfter') return life.crash();
      answer(fault === 'lostReply' ? failureOf<T>(step, fault, fate) : outcome);
    };
    const answer = (outcome: Outcome<T>) => {
      const late = isDefender && fate.thereMs + fate.backMs > CALL_TIMEOUT_MS;
      const backMs = late ? Math.max(0, CALL_TIMEOUT_MS - fate.thereMs) : fate.backMs;
      keeper.after(backMs, () => deliver(late ? { value: noAnswer('no answer within 30 s') as T } : outcome));
    };
    const deliver = (outcome: Outcome<T>): boolean => {
      if (!life.alive) return false;
      if (life.pausedUntil > keeper.now()) {
        keeper.after(life.pausedUntil - keeper.now(), () => deliver(outcome));
        return false;
      }
      if (TELLS_TIME.test(step)) keeper.heard(life, sentAt, arrivedAt);
      if ('value' in outcome) resolve(outcome.value);
      else reject(outcome.error);
      return true;
    };
    keeper.after(fate.thereMs, arrive);
  });
}

type Outcome<T> = { value: T } | { error: unknown };

const settled = <T>(promise: Promise<T>): Promise<Outcome<T>> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

const noAnswer = (message: string, reached = true): Reply<never> => ({
  ok: false,
  fault: { kind: 'unavailable', message, reached },
});

/** How a fault looks to whoever called: ports that never throw answer with a fault of theirs. */
function failureOf<T>(step: IoStep, fault: CallFault, fate: CallFate): Outcome<T> {
  if (fault === 'conflict') return { value: 'conflict' as T };
  const retry = fate.retryAfterMs === undefined ? {} : { retryAfterMs: fate.retryAfterMs };
  const [port] = step.split('.');
  if (port === 'defender') {
    if (fault === 'throttled') {
      const reply: Reply<never> = { ok: false, fault: { kind: 'rateLimited', message: 'quota exceeded', ...retry } };
      return { value: reply as T };
    }
    return { value: noAnswer(`${fault}, as injected`, fault === 'lostReply' || fate.reached) as T };
  }
  if (step === 'results.open') {
    const httpStatus = fault === 'throttled' ? 503 : 500;
    return { value: { ok: false, fault: { kind: 'unavailable', httpStatus, message: `${fault}, as injected` } } as T };
  }
  if (port === 'callbacks')
    return { value: (fault === 'throttled' ? { httpStatus: 429 } : { message: 'ECONNRESET, as injected' }) as T };
  return { error: new InjectedFault(`${fault} at ${step}`) };
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The same port, every call of which goes through the gate. */
export function gated<T extends object>(keeper: GateKeeper, life: Life, port: PortName, inner: T): T {
  const methods = Object.entries(inner).map(([name, member]): [string, unknown] => {
    if (typeof member !== 'function') return [name, member];
    const method = member.bind(inner) as Method;
    const step: IoStep = `${port}.${name}`;
    return [name, (...args: readonly unknown[]) => throughGate(keeper, life, step, args, () => method(...args))];
  });
  // The methods are those of T, one by one.
  return Object.fromEntries(methods) as T;
}

/** Bodies of results come chunk by chunk, each through the gate. */
export function gatedResults(keeper: GateKeeper, life: Life, inner: ResultSource): ResultSource {
  const { open } = gated(keeper, life, 'results', { open: inner.open.bind(inner) });
  return {
    async open(link, options) {
      const opened = await open(link, options);
      if (!opened.ok) return opened;
      const { body } = opened.value;
      const value: ResultBody = { ...opened.value, body: chunks(keeper, life, 'results.chunk', body) };
      return { ok: true, value };
    },
  };
}

export function gatedEvidence(keeper: GateKeeper, life: Life, inner: EvidenceStore): EvidenceStore {
  const store = gated(keeper, life, 'evidence', inner);
  return {
    ...store,
    read: async (blobName) => chunks(keeper, life, 'evidence.chunk', await store.read(blobName)),
  };
}

async function* chunks(
  keeper: GateKeeper,
  life: Life,
  step: IoStep,
  body: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await throughGate(keeper, life, step, [], () => iterator.next());
    if (next.done) return;
    yield next.value;
  }
}
