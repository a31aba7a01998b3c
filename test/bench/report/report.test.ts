import { describe, expect, it } from 'vitest';
import type { Figure, Series } from '../figures.ts';
import { comparedRows } from './against-others.ts';
import { GOALS, type Goal, judged } from './goals.ts';
import { stepsTo } from './line-chart.ts';
import { type FamilyRun, type Measurements, merged } from './measurements.ts';
import { readReasons } from './reasons.ts';
import { reportFiles } from './report.ts';

const line = (more: Partial<Figure>): Figure => ({
  bench: 'fleet',
  scenario: 'awake-200',
  system: 'holdfast',
  figure: 'makespan',
  value: 100,
  unit: 's',
  ...more,
});
const family = (figures: Figure[], more: Partial<FamilyRun> = {}): FamilyRun => ({
  measuredAt: '2026-11-28T12:00:00.000Z',
  quick: false,
  node: '24.0.0',
  cores: 2,
  figures,
  series: [],
  ...more,
});
const fleet = (...figures: Figure[]): Measurements => ({ fleet: family(figures) });
const WRITTEN = { reasons: '', method: '## How it is measured\n\nSo.' };
const page = (measurements: Measurements, written = WRITTEN): string =>
  reportFiles(measurements, written).get('benchmarks.md') ?? '';

const GOAL: Goal = {
  ...{ bench: 'fleet', scenario: 'awake-200', figure: 'makespan' },
  ...{ of: 'ratio', atMost: 1.015, unit: '', text: 'the makespan' },
};

describe('a goal', () => {
  it.each([
    [1.015, true],
    [1.016, false],
  ])('of at most 1.015 is judged by the figure: %d', (ratio, reached) => {
    expect(judged([GOAL], fleet(line({ ratio })))).toMatchObject([{ measured: ratio, reached }]);
  });

  it('that was not measured is not reached, and says so', () => {
    const [goal] = judged([GOAL], {});
    expect(goal).toMatchObject({ reached: false });
    expect(goal).not.toHaveProperty('measured');
  });

  it('of the worst seed is not reached when one seed fails', () => {
    const lost: Goal = { ...GOAL, figure: 'evidence-lost', of: 'most', atMost: 0 };
    const measured = fleet(line({ figure: 'evidence-lost', value: 0, most: 1 }));
    expect(judged([lost], measured)).toMatchObject([{ measured: 1, reached: false }]);
  });

  it('is never taken for that of another endpoint, of hints or of another product', () => {
    const others = fleet(
      line({ ratio: 1, endpoint: 'all' }),
      line({ ratio: 1, hints: true }),
      line({ ratio: 1, system: 'elastic' }),
    );
    expect(judged([GOAL], others)[0]).not.toHaveProperty('measured');
  });

  it('has words of its own', () => {
    expect(new Set(GOALS.map(({ text }) => text)).size).toBe(GOALS.length);
  });
});

describe('a baseline', () => {
  const own = [
    line({ value: 100 }),
    line({ figure: 'evidence-1h', value: 50, unit: 'count' }),
    line({ figure: 'calls-per-task', endpoint: 'all', value: 4 }),
  ];
  const seen = (...figures: Partial<Figure>[]) =>
    comparedRows(fleet(...own, ...figures.map((f) => line({ system: 'elastic', ...f }))), 'awake-200').map(
      ({ figure, against }) => [figure, against[0]?.beaten, against[0]?.times],
    );

  it('is beaten by more evidence, an earlier end and fewer calls', () => {
    const evidence = { figure: 'evidence-1h', value: 25 };
    const calls = { figure: 'calls-per-task', endpoint: 'all', value: 8 };
    expect(seen(evidence, { value: 300 }, calls, { figure: 'evidence-lost', value: 0 })).toEqual([
      ['evidence-1h', true, 2],
      ['makespan', true, 3],
      ['calls-per-task', true, 2],
    ]);
  });

  it('is not beaten where it is as good', () => {
    expect(seen({ value: 100 })[1]).toEqual(['makespan', false, 1]);
  });

  it('that lost evidence has no makespan, and its calls do not count', () => {
    const calls = { figure: 'calls-per-task', endpoint: 'all', value: 1 };
    expect(seen(calls, { figure: 'evidence-lost', value: 3, most: 9 }).slice(1)).toEqual([
      ['makespan', true, undefined],
      ['calls-per-task', true, undefined],
    ]);
  });
});

describe('the report', () => {
  it('tells what is reached beside what should be, and how much is', () => {
    const text = page(fleet(line({ ratio: 1.008 })));
    expect(text).toContain('| `awake-200`: makespan against the ideal | at most 1.015 | 1.008 | yes |');
    expect(text).toContain(`1 of ${GOALS.length} goals are reached; ${GOALS.length - 1} were not measured.`);
  });

  it('gives the reason that people wrote for what is not reached, and says where there is none', () => {
    const measured = fleet(line({ ratio: 1.5 }), line({ figure: 'calls-per-task', endpoint: 'other', value: 2 }));
    const reasons = '# Reasons\n\n## `awake-200`: makespan against the ideal\n\nThe clock is slow.\n';
    const text = page(measured, { ...WRITTEN, reasons });
    expect(text).toContain('- **`awake-200`: makespan against the ideal.** The clock is slow.');
    expect(text).toContain('other Defender calls for each task.** Nobody has written down why yet.');
  });

  it('says what was only looked at', () => {
    expect(page({ fleet: family([], { quick: true }) })).toContain('They are no results.');
    expect(page({ fleet: family([]) })).not.toContain('They are no results.');
  });

  it('names every baseline that is not beaten', () => {
    expect(page(fleet(line({}), line({ system: 'elastic', value: 300 })))).toContain('Every baseline is beaten');
    expect(page(fleet(line({}), line({ system: 'elastic', value: 30 })))).toContain(
      'Not beaten: elastic in makespan of `awake-200`.',
    );
  });

  it('draws curves and calls, shows each drawing, and keeps the figures beside it', () => {
    const series: Series[] = ['holdfast', 'a < b'].map((system) => ({
      ...{ chart: 'evidence', scenario: 'awake-200', system, unit: 'devices' },
      points: [
        [0, 0],
        [1, 200],
      ],
    }));
    const calls = line({ figure: 'calls-per-task', endpoint: 'all', value: 4 });
    const measured = { fleet: family([calls, { ...calls, system: 'elastic' }], { series }) };
    const files = reportFiles(measured, WRITTEN);
    expect([...files.keys()]).toEqual([
      'benchmarks.md',
      'benchmarks/evidence-awake-200.svg',
      'benchmarks/calls.svg',
      'benchmarks/figures.json',
    ]);
    for (const [path, svg] of files) {
      if (!path.endsWith('.svg')) continue;
      expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
      expect(svg).not.toContain('NaN');
      expect(files.get('benchmarks.md')).toContain(`(${path})`);
    }
    expect(files.get('benchmarks/evidence-awake-200.svg')).toContain('a &lt; b');
    expect(JSON.parse(files.get('benchmarks/figures.json') ?? '')).toEqual(measured);
  });

  it('can be written of nothing', () => {
    expect(page({})).toContain('# Benchmarks');
  });

  it('keeps of other families what was measured before', () => {
    const [old, anew] = [family([line({})]), family([line({ value: 1 })])];
    expect(merged({ fleet: old, cold: old }, { fleet: anew })).toEqual({ fleet: anew, cold: old });
  });
});

describe('reasons', () => {
  it('stand under the words of their goal', () => {
    expect(readReasons('# Title\n\nText.\n\n## a: b\n\nBecause.\n\nMore.\n\n## c\nSo.')).toEqual(
      new Map([
        ['a: b', 'Because.\n\nMore.'],
        ['c', 'So.'],
      ]),
    );
  });
});

describe('the steps of an axis', () => {
  it.each([
    [25, [0, 5, 10, 15, 20, 25]],
    [72, [0, 10, 20, 30, 40, 50, 60, 70]],
    [1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ])('are round up to %d', (most, steps) => {
    expect(stepsTo(most)).toEqual(steps);
  });
});
