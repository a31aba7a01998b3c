import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { main } from '../../../../infra/local/plan/main.ts';
import { oneRun } from '../../../../infra/local/plan/one-run.ts';
import { type PlanWish, readOptions } from '../../../../infra/local/plan/options.ts';
import { makePlan } from '../../../../infra/local/plan/plan.ts';
import { duration, planText } from '../../../../infra/local/plan/plan-text.ts';
import { hours, minutes, seconds } from '../../../../shared/domain/time.ts';

const wish = (fields: Partial<PlanWish> = {}): PlanWish => ({
  ...readOptions(['--devices', '300', '--asleep', '0.3', '--minutes', '3'], {}).wish,
  ...fields,
});

/** What the command prints, complains of and ends with. */
function run(args: string[], env: Record<string, string> = {}) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const exitCode = main(
    args,
    env,
    (text) => printed.push(text),
    (text) => complaints.push(text),
  );
  return { exitCode, printed: printed.join('\n'), complaint: complaints.join('\n') };
}

describe('the plan command', () => {
  it('answers for awake and sleeping devices, and names what limits', () => {
    const { exitCode, printed } = run(['--devices', '500', '--asleep', '0.3', '--minutes', '3']);
    expect(exitCode).toBe(0);
    expect(printed).toContain('500 devices, 30% of them asleep; 3 min of a session and 1 result each');
    for (const words of [
      '350 awake',
      '150 asleep',
      'submits',
      'list polls for the awake, at most',
      'result links',
      'Limited by',
    ])
      expect(printed).toContain(words);
  });

  it('tells nothing of sleepers where all are awake', () => {
    expect(run(['--devices', '12']).printed).not.toMatch(/asleep|slept/);
  });

  it('gives the same as JSON, in seconds', () => {
    const { printed } = run(['--devices', '40', '--asleep', '0.5', '--json']);
    expect(JSON.parse(printed)).toMatchObject({
      asked: { devices: 40, asleep: 0.5, minutes: 4, results: 1, queued: 0, asleepHours: 16, awakeHours: 8 },
      limits: { submitsPerMinute: 10, sessions: 23, callsPerHour: 1500, probationSeconds: 120 },
      awake: { devices: 20, lastStoredSeconds: { p50: expect.any(Number), p90: expect.any(Number) } },
      asleep: { devices: 20, missed: 0 },
      limitedBy: 'sessions',
    });
  });

  it('plans the same again', () => {
    const args = ['--devices', '70', '--asleep', '0.2', '--json'];
    expect(run(args)).toEqual(run(args));
  });

  it('keeps to the limits of the environment', () => {
    const env = { DEFENDER_SESSIONS: '50', DEFENDER_SESSIONS_RESERVED: '5', DEFENDER_SUBMITS_PER_MINUTE: '7' };
    expect(run(['--devices', '9'], env).printed).toContain('7 submits a minute, 45 of 50 sessions');
  });

  it.each([
    [[], '--devices: write a whole number from 1 to 100000'],
    [['--devices', '0'], '--devices: write a whole number from 1 to 100000, not 0'],
    [['--devices', 'many'], 'not many'],
    [['--devices', '5', '--asleep', '30%'], '--asleep: write a share from 0 to 1, as 0.3, not 30%'],
    [['--devices', '5', '--asleep', '1.5'], 'not 1.5'],
    [['--devices', '5', '--minutes', '0'], '--minutes: write a number above 0, at most 1440, not 0'],
    [['--devices', '5', '--minutes', '-3'], 'minutes'],
    [['--devices', '5', '--results', '21'], '--results: write a whole number from 0 to 20, not 21'],
    [['--devices', '5', '--queued', '1.5'], 'not 1.5'],
    [['--devices', '5', '--awake-hours', 'x'], '--awake-hours: write a number above 0'],
    [['--sleepers', '5'], '--sleepers'],
    [['500'], '500'],
  ])('refuses %j with what to write instead', (args, words) => {
    const { exitCode, printed, complaint } = run(args);
    expect([exitCode, printed]).toEqual([2, '']);
    expect(complaint).toContain(words);
    expect(complaint).toContain('Usage: npm run plan');
  });

  it('refuses a bad setting by its name', () => {
    const { exitCode, complaint } = run(['--devices', '5'], { DEFENDER_SESSIONS: 'all' });
    expect(exitCode).toBe(2);
    expect(complaint).toContain('DEFENDER_SESSIONS: write a whole number');
  });
});

describe('a plan', () => {
  it('of few devices is limited by nothing', () => {
    const { limitedBy, helps, allTried } = makePlan(wish({ devices: 8, asleep: 0 }));
    expect({ limitedBy, helps, allTried }).toEqual({ limitedBy: 'nothing', helps: [], allTried: { p50: 0, p90: 0 } });
  });

  it('of short runs is limited by submits, which nothing raises', () => {
    const plan = makePlan(wish({ asleep: 0, slotMs: minutes(1) }));
    expect(plan.limitedBy).toBe('submits');
    expect(plan.allTried.p50).toBe(minutes(29));
    expect(planText(plan)).toContain('Defender takes 10 a minute of a tenant, and nothing raises that');
  });

  it('of long runs is limited by sessions: more of them help', () => {
    const { limitedBy, helps, awake } = makePlan(wish({ asleep: 0, slotMs: minutes(10) }));
    expect(limitedBy).toBe('sessions');
    const more = helps.find(({ what }) => what.startsWith('DEFENDER_SESSIONS=50'));
    expect(more?.lastStored).toBeLessThan((awake?.lastStored.p50 ?? 0) * 0.6);
  });

  it('of many results each is limited by links: packing them helps', () => {
    const { limitedBy, helps } = makePlan(wish({ asleep: 0, slotMs: minutes(1), results: 5, devices: 600 }));
    expect(limitedBy).toBe('links');
    expect(helps[0]?.what).toContain('pack them');
  });

  it('behind a queue takes longer by what waits: priority helps', () => {
    const alone = makePlan(wish({ asleep: 0, devices: 60 }));
    const behind = makePlan(wish({ asleep: 0, devices: 60, queued: 600 }));
    expect(behind.awake?.lastStored.p50).toBeGreaterThan((alone.awake?.lastStored.p50 ?? 0) + hours(1));
    expect(behind.helps.some(({ what }) => what.startsWith('priority urgent'))).toBe(true);
  });

  it('has nothing for awake devices where all sleep', () => {
    const plan = makePlan(wish({ asleep: 1, devices: 30 }));
    expect(plan.awake).toBeUndefined();
    expect(plan.asleep?.devices).toBe(30);
    expect(planText(plan)).toContain('all asleep');
  });

  it('says how many sleepers are not met in time, and that awake ones may fall asleep', () => {
    const text = planText(makePlan(wish({ devices: 2_000, asleepMs: hours(24 * 21), awakeMs: hours(2) })));
    expect(text).toMatch(/About [\d,]+ are not met awake/);
    expect(text).toContain('This outlasts the 2 h that devices stay awake');
  });
});

const anyWish = fc
  .record({
    devices: fc.integer({ min: 1, max: 250 }),
    asleep: fc.double({ min: 0, max: 1, noNaN: true }),
    slotMs: fc.integer({ min: 1_000, max: minutes(20) }),
    results: fc.integer({ min: 0, max: 6 }),
    queued: fc.integer({ min: 0, max: 50 }),
    submitsPerMinute: fc.integer({ min: 1, max: 20 }),
    sessions: fc.integer({ min: 1, max: 60 }),
    callsPerHour: fc.integer({ min: 20, max: 1500 }),
  })
  .map(({ submitsPerMinute, sessions, callsPerHour, ...rest }) =>
    wish({ ...rest, limits: { submitsPerMinute, sessions, sessionsReserved: 0, callsPerMinute: 10, callsPerHour } }),
  );

describe('a run of a drawn fleet', () => {
  it('loses no device, and gives each that is stored its submit and its links', () => {
    fc.assert(
      fc.property(anyWish, fc.integer({ min: 1, max: 99 }), (given, seed) => {
        const { awakeAt, sleepersAt, missed, submitsAt, cancelsAt, linksAt } = oneRun(given, seed);
        const stored = awakeAt.length + sleepersAt.length;
        expect(stored + missed).toBe(given.devices);
        expect(awakeAt).toHaveLength(given.devices - Math.round(given.devices * given.asleep));
        expect(submitsAt).toHaveLength(stored + cancelsAt.length);
        expect(linksAt).toHaveLength(stored * given.results);
      }),
    );
  });

  it('submits no more than Defender takes in any minute, tries at sleepers included', () => {
    fc.assert(
      fc.property(anyWish, (given) => {
        const { submitsAt } = oneRun({ ...given, queued: 0 }, 1);
        submitsAt.forEach((at, i) => {
          expect(at - (submitsAt[i - given.limits.submitsPerMinute] ?? -Infinity)).toBeGreaterThanOrEqual(minutes(1));
        });
      }),
    );
  });

  it('gives no link before its run is over, and no more than Defender allows in any minute and hour', () => {
    fc.assert(
      fc.property(anyWish, (given) => {
        const { linksAt } = oneRun(given, 1);
        expect(linksAt).toEqual([...linksAt].sort((a, b) => a - b));
        linksAt.forEach((at, i) => {
          expect(at - (linksAt[i - given.limits.callsPerMinute] ?? -Infinity)).toBeGreaterThanOrEqual(minutes(1));
          expect(at - (linksAt[i - given.limits.callsPerHour] ?? -Infinity)).toBeGreaterThanOrEqual(hours(1));
        });
      }),
    );
  });

  it('takes no less time for one more device', () => {
    const lastTurn = (devices: number) => oneRun(wish({ devices, asleep: 0 }), 5).allTriedAt;
    const turns = Array.from({ length: 60 }, (_, i) => lastTurn(i + 1));
    expect(turns).toEqual([...turns].sort((a, b) => a - b));
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [seconds(59), '59 s'],
    [minutes(1), '1 min'],
    [minutes(59) + 1, '1 h 00 min'],
    [minutes(125), '2 h 05 min'],
    [hours(47), '47 h 00 min'],
    [hours(49), '2 d 01 h'],
  ])('of %i ms reads %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });
});
