import { describe, expect, it } from 'vitest';
import { createTokenSource } from '../../../../shared/adapters/defender/token-source.ts';

/** An identity whose tokens live for an hour and count up. */
function identity() {
  let now = 0;
  let asked = 0;
  let broken = false;
  const credential = {
    getToken: async (scope: string | string[]) => {
      if (broken) throw new Error('unreachable');
      asked += 1;
      return { token: `${String(scope)}#${asked}`, expiresOnTimestamp: now + 3_600_000 };
    },
  };
  const source = createTokenSource({ credential, scope: 's', clock: { now: () => now } });
  return {
    source,
    asked: () => asked,
    pass: (ms: number) => {
      now += ms;
    },
    breakDown: (down: boolean) => {
      broken = down;
    },
  };
}

describe('tokens of an identity', () => {
  it('are kept until five minutes before their end', async () => {
    const { source, pass } = identity();
    expect(await source.token()).toBe('s#1');
    pass(54 * 60_000);
    expect(await source.token()).toBe('s#1');
    pass(60_000);
    expect(await source.token()).toBe('s#2');
  });

  it('are asked for once by many at the same time', async () => {
    const { source, asked } = identity();
    expect(await Promise.all([source.token(), source.token(), source.token()])).toEqual(['s#1', 's#1', 's#1']);
    await Promise.all([source.refresh('s#1'), source.refresh('s#1')]);
    expect(asked()).toBe(2);
  });

  it('are replaced when refused, but not when another caller already did', async () => {
    const { source } = identity();
    await source.token();
    expect(await source.refresh('s#1')).toBe('s#2');
    expect(await source.refresh('s#1')).toBe('s#2');
  });

  it('are asked for again after a failure', async () => {
    const { source, breakDown } = identity();
    breakDown(true);
    await expect(source.token()).rejects.toThrow('unreachable');
    breakDown(false);
    expect(await source.token()).toBe('s#1');
  });
});
