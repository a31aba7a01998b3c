import { describe, expect, it } from 'vitest';
import { createLife } from './life.ts';

const SILENT = () => undefined;

describe('a process that ends at a call', () => {
  const story = async (calls: number, when: 'before' | 'after') => {
    const happened: string[] = [];
    const life = createLife(SILENT);
    const port = life.port('storage', {
      read: async () => happened.push('read'),
      write: async () => happened.push('written'),
    });
    life.crashAtCall(calls, when);
    const outcome = await life.live(async () => {
      await port.read();
      await port.write();
      happened.push('went on');
    });
    return { outcome, happened, crashedAt: life.crashedAt() };
  };

  it('goes on no further, whether the call takes effect or not', async () => {
    expect(await story(2, 'before')).toMatchObject({ outcome: 'storage.write', happened: ['read'] });
    expect(await story(2, 'after')).toMatchObject({ outcome: 'storage.write', happened: ['read', 'written'] });
  });

  it('lives on while it has not come so far', async () => {
    const { outcome, crashedAt } = await story(3, 'before');
    expect({ outcome, crashedAt }).toEqual({ outcome: 'done', crashedAt: undefined });
  });
});
