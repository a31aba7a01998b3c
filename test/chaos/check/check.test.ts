import { describe, expect, it } from 'vitest';
import { planStorm } from '../plan.ts';
import { accountFaults, type CheckedCollection } from './collections.ts';
import { brokenLimits } from './limits.ts';
import { runTwice } from './runs.ts';
import type { TenantRecord } from './tenant-record.ts';

const LIMITS = { submitsPerMinute: 3, sessions: 2, callsPerMinute: 5, callsPerHour: 8 };

type Call = TenantRecord['calls'][number];
type Action = TenantRecord['actions'][number];

const callsAt = (endpoint: string, seconds: number[], more: Partial<Call> = {}): Call[] =>
  seconds.map((at) => ({ at: at * 1000, endpoint, status: 200, ...more }));

const action = (actionId: string, fromS: number, toS: number | null, more: Partial<Action> = {}): Action => ({
  actionId,
  machineId: 'm1',
  requestorComment: actionId,
  status: 'Succeeded',
  submittedAt: fromS * 1000,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: toS === null ? null : toS * 1000,
  commands: [actionId],
  ...more,
});

const record = (calls: Call[], actions: Action[] = []): TenantRecord => ({
  now: '2026-01-01T00:00:00.000Z',
  calls,
  callCounts: {},
  actions,
  results: [],
});

describe('the judge of a storm', () => {
  it('finds a submit too many in any sliding minute, and lets one a minute later be', () => {
    expect(brokenLimits(record(callsAt('runLiveResponse', [0, 30, 59, 60])), LIMITS)).toEqual([]);
    expect(brokenLimits(record(callsAt('runLiveResponse', [0, 30, 59, 59.9])), LIMITS)).toHaveLength(1);
  });

  it('counts what reached the tenant although its answer was lost, and not what never did', () => {
    const three = callsAt('runLiveResponse', [0, 1, 2]);
    const limitsOf = (lost: 'request' | 'reply') =>
      brokenLimits(record([...three, ...callsAt('runLiveResponse', [3], { lost })]), LIMITS);
    expect(limitsOf('reply')).toHaveLength(1);
    expect(limitsOf('request')).toEqual([]);
  });

  it('holds the other endpoints to their minute and their hour, each by itself', () => {
    const calls = [
      ...callsAt('listMachineActions', [0, 100, 200, 300]),
      ...callsAt('getMachineAction', [0, 100, 200, 300]),
    ];
    expect(brokenLimits(record(calls), LIMITS)).toEqual([]);
    const nine = callsAt('listMachineActions', [0, 100, 200, 300, 400, 500, 600, 700, 800]);
    expect(brokenLimits(record(nine), LIMITS)).toEqual(['listMachineActions: more than 8 in 3600 s, 1 times']);
  });

  it('finds a session too many, an open one included', () => {
    const two = [action('a', 0, 10), action('b', 5, 15)];
    expect(brokenLimits(record([], [...two, action('c', 10, null)]), LIMITS)).toEqual([]);
    expect(brokenLimits(record([], [...two, action('c', 9, null)]), LIMITS)).toEqual([
      'sessions: 3 at once, 2 allowed',
    ]);
  });

  it('tells of every refusal by the tenant, save those for sessions of people that nobody could see', () => {
    const refused = (refusal: string) =>
      brokenLimits(record(callsAt('runLiveResponse', [0], { status: 429, refusal })), LIMITS);
    expect(refused('sessions')).toEqual(['429 (sessions): 1 calls refused by the tenant']);
    expect(refused('unseenSessions')).toEqual([]);
  });

  it('finds an attempt that began twice, and a request that ran again under another attempt', () => {
    expect(runTwice(record([], [action('a', 0, 1), action('b', 2, 3)]))).toEqual([]);
    expect(runTwice(record([], [action('a', 0, 1), action('b', 2, 3, { requestorComment: 'a' })]))).toHaveLength(1);
    expect(runTwice(record([], [action('a', 0, 1), action('b', 2, 3, { commands: ['a'] })]))).toHaveLength(1);
    const never = action('b', 2, 3, { commands: ['a'], startedAt: null });
    expect(runTwice(record([], [action('a', 0, 1), never]))).toEqual([]);
  });

  it('finds a task too few, an end that is not explained, and a gap in the custody record', () => {
    const custody = ['collection.accepted', 'collection.expanded', 'manifest.stored', 'collection.ended'].map(
      (type, at) => ({ sequence: at + 1, type }),
    );
    const good: CheckedCollection = {
      collectionId: 'c',
      folder: 'INC/c',
      state: 'completed',
      tasks: [{ taskId: 't', state: 'archived', commands: [] }],
      custody,
    };
    expect(accountFaults(good, 1)).toEqual([]);
    expect(accountFaults(good, 2)).toHaveLength(1);
    expect(accountFaults({ ...good, tasks: [{ taskId: 't', state: 'failed', commands: [] }] }, 1)).toHaveLength(1);
    expect(accountFaults({ ...good, custody: custody.slice(1) }, 1)).toHaveLength(2);
  });
});

describe('the storm of a seed', () => {
  const size = { kills: 100, pauses: 5, stops: 5, lengthMs: 540_000 };

  it('is the same each time, and another for another seed', () => {
    expect(planStorm(size, 7)).toEqual(planStorm(size, 7));
    expect(planStorm(size, 8)).not.toEqual(planStorm(size, 7));
  });

  it('strikes as often as it is asked to, within its time and in order', () => {
    const plan = planStorm(size, 7);
    const counts = Object.fromEntries(
      [...Map.groupBy(plan, (p) => p.kind)].map(([kind, group]) => [kind, group.length]),
    );
    expect(counts).toMatchObject({ kill: 100, pause: 5, stopStorage: 5, freezeStorage: 4, cut: 4, refuse: 4, slow: 4 });
    expect(plan.every(({ atMs }) => atMs >= 0 && atMs <= size.lengthMs)).toBe(true);
    expect(plan.map((p) => p.atMs)).toEqual(plan.map((p) => p.atMs).sort((a, b) => a - b));
  });

  it('pauses a host for longer than any lease, and once for longer than the proof that a submit was never made', () => {
    const pauses = planStorm(size, 7).flatMap((p) => (p.kind === 'pause' ? [p.forMs] : []));
    expect(Math.min(...pauses)).toBeGreaterThan(30_000);
    expect(Math.max(...pauses)).toBeGreaterThan(90_000);
  });
});
