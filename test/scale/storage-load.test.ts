import { describe, expect, it } from 'vitest';
import { callsTo, storageLoad } from './storage-load.ts';

describe('what a task costs the storage', () => {
  it('does not grow with the tasks of its collection, nor with those that wait', async () => {
    const [few, many] = [await storageLoad(40, 40), await storageLoad(160, 160)];
    expect(callsTo(many) / 160).toBeLessThanOrEqual(callsTo(few) / 40);
    for (const port of ['collections', 'work', 'evidence'] as const)
      expect(callsTo(many, port) / 160).toBeLessThanOrEqual((callsTo(few, port) / 40) * 1.1);
  });

  it('keeps the partition that each tick reads as small as sessions and permits make it', async () => {
    const { workRows } = await storageLoad(120, 120);
    // the guard, 25 sessions, 10 permits on their way back, and results that are just being stored
    expect(workRows).toBeLessThanOrEqual(1 + 25 + 10 + 10);
  });
});
