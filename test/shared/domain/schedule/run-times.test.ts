import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedRunMs, kindText, type RunTimes, withRunTime } from '../../../../shared/domain/schedule/run-times.ts';
import { minutes, seconds } from '../../../../shared/domain/time.ts';
import { getFile, putFile, runScript } from '../samples.ts';

const seen = (times: RunTimes, kind: string, platform: string | undefined, ...ms: number[]): RunTimes =>
  ms.reduce((known, one) => withRunTime(known, { kind, ...(platform ? { platform } : {}) }, one), times);

describe('what kind of run it is', () => {
  it('is what it does, whatever the arguments of its scripts and the names of the files it reads', () => {
    expect(kindText([runScript('a.ps1', '-Deep')])).toBe(kindText([runScript('a.ps1')]));
    expect(kindText([getFile('C:\\INC-1.zip')])).toBe(kindText([getFile('D:\\x\\INC-2.ZIP')]));
    const kinds = [
      [runScript('a.ps1')],
      [runScript('b.ps1')],
      [getFile('C:\\a.zip')],
      [getFile('C:\\a.log')],
      [getFile('C:\\a.b\\c')],
      [putFile('a.ps1')],
      [putFile('a.ps1'), runScript('a.ps1')],
      [runScript('a.ps1'), getFile('C:\\a')],
    ];
    expect(new Set(kinds.map(kindText)).size).toBe(kinds.length);
  });
});

describe('how long a run is expected to take', () => {
  it('is not known before three of its kind were seen', () => {
    const two = seen({}, 'triage', 'Windows11', 1000, 2000);
    expect(expectedRunMs(two, { kind: 'triage', platform: 'Windows11' })).toBeUndefined();
    expect(expectedRunMs(seen(two, 'triage', 'Windows11', 3000), { kind: 'triage', platform: 'Windows11' })).toBe(2000);
    expect(expectedRunMs(two, {})).toBeUndefined();
    expect(withRunTime(two, { platform: 'Windows11' }, 5)).toBe(two);
  });

  it('is that of its platform where that is known, else of its kind', () => {
    const servers = seen({}, 'dump', 'WindowsServer2022', ...Array(10).fill(minutes(20)));
    const all = seen(servers, 'dump', 'Windows11', minutes(2), minutes(2), minutes(2));
    expect(expectedRunMs(all, { kind: 'dump', platform: 'WindowsServer2022' })).toBe(minutes(20));
    expect(expectedRunMs(all, { kind: 'dump', platform: 'Windows11' })).toBe(minutes(2));
    const ofKind = expectedRunMs(all, { kind: 'dump', platform: 'Windows10' });
    expect(ofKind).toBe(expectedRunMs(all, { kind: 'dump' }));
    expect(ofKind).toBeGreaterThan(minutes(2));
    expect(ofKind).toBeLessThan(minutes(20));
    expect(expectedRunMs(all, { kind: 'triage' })).toBeUndefined();
  });

  it('follows a kind that changes, and lies between the shortest and the longest seen', () => {
    const slow = seen({}, 'triage', undefined, ...Array(50).fill(seconds(600)));
    const after = expectedRunMs(seen(slow, 'triage', undefined, ...Array(30).fill(seconds(60))), { kind: 'triage' });
    expect(after).toBeLessThan(seconds(90));
    const ms = fc.array(fc.integer({ min: 1, max: 3_600_000 }), { minLength: 3, maxLength: 40 });
    fc.assert(
      fc.property(ms, (all) => {
        const mean = expectedRunMs(seen({}, 'k', 'p', ...all), { kind: 'k', platform: 'p' }) ?? 0;
        expect(mean).toBeGreaterThanOrEqual(Math.min(...all) - 1);
        expect(mean).toBeLessThanOrEqual(Math.max(...all) + 1);
      }),
    );
  });

  it('is kept of the latest sixty kinds and platforms', () => {
    let times = seen({}, 'old', undefined, 1, 1, 1);
    for (let n = 0; n < 59; n += 1) times = seen(times, `kind-${n}`, undefined, 5);
    times = seen(times, 'old', undefined, 1);
    for (let n = 59; n < 100; n += 1) times = seen(times, `kind-${n}`, undefined, 5);
    expect(expectedRunMs(times, { kind: 'old' })).toBe(1);
    expect(Object.keys(times)).toHaveLength(60);
    expect(times['kind-10|']).toBeUndefined();
  });
});
