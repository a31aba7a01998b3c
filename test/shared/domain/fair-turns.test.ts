import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestedBy } from '../../../shared/domain/collection.ts';
import {
  accountsBy,
  countTurns,
  giveTurns,
  type LaneAccounts,
  NO_ACCOUNTS,
  READY_LOOKED_AT,
  type ReadyTask,
  requesterOf,
  turnEvery,
  turnOf,
} from '../../../shared/domain/fair-turns.ts';
import { readTaskAgendaKey, taskAgendaKey } from '../../../shared/domain/index-keys.ts';
import { days, hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { aCollection, aTask, NOON } from './samples.ts';

const SUBMITS = 10;
const EVERY = turnEvery(SUBMITS);

interface Asked {
  requester: string;
  targets: number;
  /** In ms from the beginning. */
  at: number;
}

interface Waiting extends ReadyTask {
  key: string;
  requester: string;
  collectionId: string;
  taskId: string;
}

/** One submit: of whom, for what, and who had work then. */
interface Submit extends Waiting {
  haveWork: ReadonlySet<string>;
}

/** A lane alone, from the keys of its agenda: what is asked for gets its turns, and each minute brings some submits at once. */
function submitsOf(asked: readonly Asked[], submitsOfMinute: readonly number[]): Submit[] {
  const coming = asked
    .map((one, n) => ({ ...one, collectionId: `c${String(n).padStart(2, '0')}` }))
    .sort((a, b) => a.at - b.at);
  let lane: LaneAccounts = NO_ACCOUNTS;
  let waiting: Waiting[] = [];
  const done: Submit[] = [];
  const arrive = (until: number) => {
    for (let [next] = coming; next && next.at <= until; [next] = coming) {
      coming.shift();
      const added = enter(lane, waiting, next);
      lane = added.lane;
      waiting = [...waiting, ...added.tasks].sort((a, b) => (a.key < b.key ? -1 : 1));
    }
  };
  for (let minute = 0; coming.length + waiting.length > 0; minute += 1) {
    arrive(minutes(minute));
    for (let n = submitsOfMinute[minute % submitsOfMinute.length] ?? SUBMITS; n > 0; n -= 1) {
      const haveWork = new Set(waiting.map((w) => w.requester));
      const next = waiting.shift();
      if (next) done.push({ ...next, haveWork });
    }
    arrive(minutes(minute + 1) - 1);
  }
  return done;
}

function enter(
  lane: LaneAccounts,
  waiting: readonly Waiting[],
  { requester, targets, at, collectionId }: Asked & { collectionId: string },
) {
  const createdAt = NOON + at;
  const { lane: after, given } = giveTurns(
    accountsBy(lane, waiting, createdAt),
    requester,
    { collectionId, targets },
    EVERY,
    createdAt,
  );
  const collection = aCollection([], { collectionId, createdAt, targets, ...given });
  const tasks = Array.from({ length: targets }, (_, place): Waiting => {
    const taskId = `${String(place).padStart(4, '0')}-aaaaaaaaaaaa`;
    const key = taskAgendaKey(collection, aTask({ collectionId, taskId, waiting: { since: createdAt } })) ?? '';
    const read = readTaskAgendaKey(key);
    if (!read) throw new Error(`${key} cannot be read`);
    return { ...read, requester };
  });
  return { lane: after, tasks };
}

/** Who had work from the first of these submits on, and less than its share of the first so many of them. */
function shortOfShare(submits: readonly Submit[]): string[] {
  const had = new Map([...(submits[0]?.haveWork ?? [])].map((who) => [who, 0]));
  const withWork = new Set<string>();
  const short: string[] = [];
  for (const [n, { haveWork, requester }] of submits.entries()) {
    for (const who of haveWork) withWork.add(who);
    for (const [who, turns] of had) {
      if (!haveWork.has(who)) had.delete(who);
      else if (who === requester) had.set(who, turns + 1);
    }
    const share = Math.floor((n + 1) / withWork.size) - 1;
    for (const [who, turns] of had) if (turns < share) short.push(`${who} ${turns} of ${n + 1}`);
    if (had.size === 0) break;
  }
  return short;
}

it('A stream of those who ask for one device each does not hold up who asked for many', () => {
  const many = { requester: 'many', targets: 300, at: 0 };
  const stream = Array.from({ length: 200 }, (_, n) => ({
    requester: `one-${n}`,
    targets: 1,
    at: seconds(60 + 5 * n),
  }));
  const first = submitsOf([many, ...stream], [SUBMITS]).slice(0, 200);
  expect(first.filter(({ requester }) => requester === 'many').length).toBeGreaterThanOrEqual(50);
});

const asking = (requesters: string[]) =>
  fc.array(
    fc.record({
      requester: fc.constantFrom(...requesters),
      targets: fc.integer({ min: 1, max: 60 }),
      at: fc.integer({ min: 0, max: minutes(20) }),
    }),
    { minLength: 1, maxLength: 8 },
  );
const paces = fc.array(fc.integer({ min: 1, max: SUBMITS }), { minLength: 1, maxLength: 5 });

describe('fair shares of a lane', () => {
  it('give each of n requesters who have work at least floor(k / n) - 1 of any k turns in a row', () => {
    fc.assert(
      fc.property(asking(['anna', 'ben', 'cleo', 'dora']), paces, (asked, pace) => {
        const submits = submitsOf(asked, pace);
        expect(submits.flatMap((_, from) => shortOfShare(submits.slice(from)))).toEqual([]);
      }),
    );
  });

  it('keep the order of acceptance for one requester alone, and that of the request within it', () => {
    fc.assert(
      fc.property(asking(['anna']), paces, (asked, pace) => {
        const order = submitsOf(asked, pace).map((s) => `${s.acceptedAt}|${s.collectionId}|${s.taskId}`);
        const last = new Map<string, string>();
        for (const one of order) {
          const id = one.split('|')[1] ?? '';
          expect(one > (last.get(id) ?? '')).toBe(true);
          last.set(id, one);
        }
        const distinct = asked.every((a, n) => asked.findIndex((b) => b.at === a.at) === n);
        if (distinct) expect(order).toEqual([...order].sort());
      }),
    );
  });

  it('submit everything once, whoever asks for how much', () => {
    fc.assert(
      fc.property(asking(['anna', 'ben']), paces, (asked, pace) => {
        const submits = submitsOf(asked, pace);
        expect(new Set(submits.map((s) => s.key)).size).toBe(asked.reduce((sum, { targets }) => sum + targets, 0));
      }),
    );
  });

  it('let twenty targets wait for twenty others of a hunt of thousands, not for all of it', () => {
    const hunt = Array.from({ length: 5 }, (_, n) => ({ requester: 'hunter', targets: 1000, at: n }));
    const submits = submitsOf([...hunt, { requester: 'anna', targets: 20, at: minutes(3) }], [SUBMITS]);
    const first = submits.findIndex((s) => s.requester === 'anna');
    const last = submits.findLastIndex((s) => s.requester === 'anna');
    expect(first).toBeLessThanOrEqual(42);
    expect(last - first).toBeLessThanOrEqual(40);
  });

  it('give no more to who splits a request into many', () => {
    const split = Array.from({ length: 10 }, (_, n) => ({ requester: 'ben', targets: 10, at: n }));
    const submits = submitsOf([{ requester: 'anna', targets: 50, at: 0 }, ...split], [SUBMITS]);
    const firstHundred = submits.slice(0, 100).filter((s) => s.requester === 'anna');
    expect(firstHundred.length).toBeGreaterThanOrEqual(49);
  });
});

describe("a lane's own time", () => {
  const ready = (turn: number, fields: Partial<ReadyTask> = {}): ReadyTask => ({
    turn,
    acceptedAt: NOON - hours(2),
    since: NOON - hours(2),
    ...fields,
  });
  const account = (next: number, givenAt = NOON) => ({ next, collectionId: 'c9', from: NOON, givenAt });
  const timeOf = (tasks: ReadyTask[], known: Partial<LaneAccounts> = {}) =>
    accountsBy({ ...NO_ACCOUNTS, ...known }, tasks, NOON).time;

  it('is the turn of the next task, or now while nothing waits', () => {
    expect(timeOf([ready(NOON - hours(1)), ready(NOON)])).toBe(NOON - hours(1));
    expect(timeOf([])).toBe(NOON);
  });

  it('does not go back for a task that comes back with its old turn', () => {
    const back = ready(NOON - hours(9), { since: NOON - 1 });
    expect(timeOf([back, ready(NOON - hours(1))])).toBe(NOON - hours(1));
    expect(timeOf([back, ready(NOON - hours(8), { since: NOON })])).toBe(NOON);
    expect(timeOf([ready(NOON - hours(1))], { time: NOON - hours(0.5) })).toBe(NOON - hours(0.5));
  });

  it('is that of the last one looked at when all of them come back', () => {
    const back = Array.from({ length: READY_LOOKED_AT }, (_, n) => ready(NOON - hours(9) + n, { since: NOON - 1 }));
    expect(timeOf(back)).toBe(NOON - hours(9) + READY_LOOKED_AT - 1);
  });

  it('is at most a minute of submits ahead of the clock, and a day behind it, so that nobody waits for newcomers for good', () => {
    expect(timeOf([ready(NOON + hours(1))])).toBe(NOON + minutes(1));
    expect(timeOf([], { time: NOON + hours(1) })).toBe(NOON + minutes(1));
    expect(timeOf([ready(NOON - days(3))])).toBe(NOON - days(1));
  });

  it('counts what was submitted at once at the beginning of a minute', () => {
    expect(timeOf([], { accounts: { anna: account(NOON + seconds(42)) } })).toBe(NOON + seconds(42));
  });

  it('forgets who has had much once nobody waits, but not who may just be on the way', () => {
    const accounts = { old: account(NOON + hours(1), NOON - minutes(2)), new: account(NOON + hours(1), NOON - 1) };
    expect(Object.keys(accountsBy({ time: 0, accounts }, [], NOON).accounts)).toEqual(['new']);
    expect(Object.keys(accountsBy({ time: 0, accounts }, [ready(NOON)], NOON).accounts)).toEqual(['old', 'new']);
  });
});

describe('the turns of a collection', () => {
  const of = (collectionId: string, targets = 10) => ({ collectionId, targets });
  const lane: LaneAccounts = { time: NOON, accounts: {} };

  it('begin where the last ones of its requester end, one submit apart', () => {
    const first = giveTurns(lane, 'anna', of('c1'), EVERY, NOON);
    const second = giveTurns(first.lane, 'anna', of('c2'), EVERY, NOON);
    const other = giveTurns(second.lane, 'ben', of('c3'), EVERY, NOON);
    expect([first, second, other].map(({ given }) => given.turnsFrom - NOON)).toEqual([0, minutes(1), 0]);
    expect(first.given.turnEveryMs).toBe(seconds(6));
  });

  it('are the same when they are given again, after a crash or by two instances at once', () => {
    const first = giveTurns(lane, 'anna', of('c1'), EVERY, NOON);
    const again = giveTurns(accountsBy(first.lane, [], NOON + 5), 'anna', of('c1'), EVERY, NOON + 5);
    expect(again.given).toEqual(first.given);
    expect(again.lane.accounts).toEqual(first.lane.accounts);
  });

  it('stay as they are for tasks of earlier versions, which have the instant of acceptance', () => {
    const task = aTask({ taskId: '0007-aaaaaaaaaaaa' });
    const old = aCollection([], { createdAt: NOON });
    expect(turnOf(old, task)).toBe(NOON);
    expect(taskAgendaKey(old, task)).toContain(`|${NOON}|c1|0007-aaaaaaaaaaaa|`);
  });

  it('go by the place in the request, or by the place of a device that a tag stands for', () => {
    const collection = aCollection([], { turnsFrom: NOON, turnEveryMs: EVERY });
    expect(turnOf(collection, aTask({ taskId: '0007-aaaaaaaaaaaa' }))).toBe(NOON + 7 * EVERY);
    expect(turnOf(collection, aTask({ taskId: '0007-aaaaaaaaaaaa', place: 12 }))).toBe(NOON + 12 * EVERY);
  });

  it('are counted when a tag stands for more, and given back when they are not wanted', () => {
    const { lane: first } = giveTurns(lane, 'anna', of('c1'), EVERY, NOON);
    const nextOf = ({ accounts }: LaneAccounts) => giveTurns({ time: NOON, accounts }, 'anna', of('c2'), EVERY, NOON);
    expect(nextOf(countTurns(first, 'anna', 5, EVERY)).given.turnsFrom).toBe(NOON + 15 * EVERY);
    expect(nextOf(countTurns(first, 'anna', -4, EVERY)).given.turnsFrom).toBe(NOON + 6 * EVERY);
    expect(nextOf(countTurns(first, 'anna', -99, EVERY)).given.turnsFrom).toBe(NOON);
    expect(nextOf(countTurns(lane, 'anna', 5, EVERY)).given.turnsFrom).toBe(NOON + 5 * EVERY);
  });

  it('are remembered of a hundred requesters, those who have most ahead', () => {
    const all = Array.from({ length: 120 }, (_, n) => n);
    const many = all.reduce((known, n) => giveTurns(known, `r${n}`, of(`c${n}`, n + 1), EVERY, NOON).lane, lane);
    expect(Object.keys(many.accounts).sort()).toEqual(
      all
        .slice(20)
        .map((n) => `r${n}`)
        .sort(),
    );
  });

  it('are never closer than Defender lets submits be', () => {
    expect([1, 7, 10, 100_000].map(turnEvery)).toEqual([60_000, 8_572, 6_000, 1]);
  });
});

describe('the requester', () => {
  it.each<[RequestedBy, string]>([
    [{ kind: 'entra', id: 'app-1', workflowRunId: 'W', clientTrackingId: 'C' }, 'entra:app-1'],
    [{ kind: 'entra' }, 'entra:'],
    [{ kind: 'http', workflowRunId: 'W', clientTrackingId: 'C' }, 'workflow:C'],
    [{ kind: 'http', workflowRunId: 'W' }, 'workflow:W'],
    [{ kind: 'http' }, 'http'],
    [{ kind: 'queue', messageId: 'm-1' }, 'queue'],
  ])('of %o is %s', (by, name) => {
    expect(requesterOf(by)).toBe(name);
  });
});
