import { describe, expect, it } from 'vitest';
import { awakeDevice, type DrawnDevice } from '../draws/drawn-device.ts';
import type { ActionSpan, FleetOutcome } from '../outcome.ts';
import { mediansOf } from '../seed-series.ts';
import { awakeRows, nearestRank, sleepingRows, stormRows, urgentRows } from './fleet-rows.ts';
import type { Measured } from './row.ts';

const device = (more: Partial<DrawnDevice> = {}): DrawnDevice => ({
  ...awakeDevice({ startDelayS: 60, runS: 60, lagS: 30 }),
  ...more,
});
const ran = (fromS: number): ActionSpan => ({ fromS, toS: fromS + 150, ran: true, inVain: false });

const outcome = (more: Partial<FleetOutcome>): FleetOutcome => ({
  fleet: [device(), device()],
  evidenceAtS: [150, 150],
  actionsOf: [[ran(0)], [ran(0)]],
  calls: new Map([
    ['runLiveResponse', 2],
    ['getResultLink', 2],
    ['listMachineActions', 5],
  ]),
  limitsBroken: 0,
  targetsLost: 0,
  ...more,
});
const BESTS = { oracleAtS: [150, 150], horizonS: 3600 };

const named = (rows: Measured[], figure: string, endpoint?: string) =>
  rows.find((row) => row.figure === figure && row.endpoint === endpoint);

describe('the rows of a fleet', () => {
  it('compare a makespan with the ideal schedule', () => {
    const rows = awakeRows(outcome({ evidenceAtS: [150, 300] }), BESTS);
    expect(named(rows, 'makespan')).toMatchObject({ value: 300, against: 'ideal', ratio: 2 });
    expect(named(rows, 'time-to-evidence-mean')).toMatchObject({ value: 225, ratio: 1.5 });
  });

  it('tell no makespan of who lost evidence, but the loss', () => {
    const rows = awakeRows(outcome({ evidenceAtS: [150, Number.POSITIVE_INFINITY] }), BESTS);
    expect(named(rows, 'makespan')).toBeUndefined();
    expect(named(rows, 'evidence-lost')).toMatchObject({ value: 1 });
  });

  it('tell the calls of a task by endpoint, all of them, and those beside its submit and its link', () => {
    const rows = awakeRows(outcome({}), BESTS);
    expect(named(rows, 'calls-per-task', 'listMachineActions')).toMatchObject({ value: 2.5 });
    expect(named(rows, 'calls-per-task', 'cancelMachineAction')).toMatchObject({ value: 0 });
    expect(named(rows, 'calls-per-task', 'all')).toMatchObject({ value: 4.5 });
    expect(named(rows, 'calls-per-task', 'other')).toMatchObject({ value: 2.5 });
  });

  it('count a device that ran twice', () => {
    expect(named(awakeRows(outcome({ actionsOf: [[ran(0), ran(200)], [ran(0)]] }), BESTS), 'runs-twice')).toMatchObject(
      {
        value: 1,
      },
    );
  });

  it('count evidence at the hours that are asked for, against the oracle', () => {
    const rows = sleepingRows([1])(outcome({ evidenceAtS: [150, 4000] }), BESTS);
    expect(named(rows, 'evidence-1h')).toMatchObject({ value: 1, against: 'oracle', ratio: 0.5 });
  });

  it('tell how long the urgent wait for their submit, and nothing when one never had any', () => {
    const fleet = [device(), device({ arrivesAtS: 100, urgent: true })];
    const rows = urgentRows(outcome({ fleet, actionsOf: [[ran(0)], [ran(107)]] }), BESTS);
    expect(named(rows, 'accept-to-submit-p99')).toMatchObject({ value: 7 });
    const never = urgentRows(outcome({ fleet, actionsOf: [[ran(0)], []] }), BESTS);
    expect(named(never, 'accept-to-submit-p50')).toBeUndefined();
  });

  it('tell how many actions a device bears in a storm', () => {
    expect(
      named(
        stormRows(
          outcome({
            actionsOf: [
              [ran(0), ran(200)],
              [ran(0), ran(200)],
            ],
          }),
          BESTS,
        ),
        'actions-per-device',
      ),
    ).toMatchObject({ value: 2 });
  });
});

describe('a percentile', () => {
  it('is a value that was measured: the least with enough at or below it', () => {
    const values = Array.from({ length: 50 }, (_, n) => 50 - n);
    expect(nearestRank(values, 50)).toBe(25);
    expect(nearestRank(values, 99)).toBe(50);
    expect(nearestRank([7], 1)).toBe(7);
  });
});

describe('the medians over seeds', () => {
  const row = (value: number, more: Partial<Measured> = {}): Measured => ({ figure: 'f', unit: 's', value, ...more });

  it('are of values and ratios apart, with the least and the most beside them', () => {
    const rows = [row(1, { ratio: 3 }), row(5, { ratio: 2 }), row(3, { ratio: 1 })];
    expect(mediansOf(rows, 3)).toEqual([row(3, { ratio: 2, least: 1, most: 5, seeds: 3 })]);
  });

  it('are the eleventh of twenty', () => {
    expect(
      mediansOf(
        Array.from({ length: 20 }, (_, n) => row(n + 1)),
        20,
      )[0]?.value,
    ).toBe(11);
  });

  it('are not told of a figure that some seed does not have', () => {
    expect(mediansOf([row(1), row(2)], 3)).toEqual([]);
  });

  it('keep endpoints apart', () => {
    expect(mediansOf([row(1, { endpoint: 'a' }), row(2, { endpoint: 'b' })], 1)).toHaveLength(2);
  });
});
