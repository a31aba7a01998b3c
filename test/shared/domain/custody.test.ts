import { describe, expect, it } from 'vitest';
import { type CustodyEntry, datedInOrder } from '../../../shared/domain/custody.ts';

const entryAt = (at: number): CustodyEntry => ({ at, type: 'task.requeued', actor: 'holdfast', data: {} });
const timesOf = (entries: CustodyEntry[]) => entries.map(({ at }) => at);

describe('the custody record', () => {
  it('keeps the times of entries that come in their order', () => {
    expect(timesOf(datedInOrder([entryAt(10), entryAt(10), entryAt(12)], 9))).toEqual([10, 10, 12]);
  });

  it('dates no entry before the last change of the collection, nor before the entry that it follows', () => {
    expect(timesOf(datedInOrder([entryAt(8), entryAt(12), entryAt(11)], 9))).toEqual([9, 12, 12]);
  });
});
