import { describe, expect, it } from 'vitest';
import type { Collection } from '../../../shared/domain/collection.ts';
import { listKey } from '../../../shared/domain/index-keys.ts';
import { mayRemove, rememberedOf, removalRange } from '../../../shared/domain/retention.ts';
import { aCollection, NOON } from './samples.ts';

const DAY = 86_400_000;
const KEPT = 90 * DAY;

/** A collection that ended at noon, with nothing left to do. */
function ended(fields: Partial<Collection> = {}): Collection {
  const closing = { at: NOON - 1, state: 'completed' as const, outcome: 'partial' as const };
  return aCollection([], { createdAt: NOON - DAY, ended: true, endedAt: NOON, closing, ...fields });
}

function callback(status: 'waiting' | 'delivered' | 'failed'): Pick<Collection, 'callback'> {
  return { callback: { status } as NonNullable<Collection['callback']> };
}

describe('the state of a collection', () => {
  it('may go when its time is over since its end, not a moment before', () => {
    expect(mayRemove(ended(), KEPT, NOON + KEPT - 1)).toBe(false);
    expect(mayRemove(ended(), KEPT, NOON + KEPT)).toBe(true);
  });

  it('stays while it is open, however old it is', () => {
    const { endedAt: _, ...open } = ended({ ended: false });
    expect(mayRemove(open, KEPT, NOON + 100 * KEPT)).toBe(false);
    expect(mayRemove(ended({ ended: false }), KEPT, NOON + 100 * KEPT)).toBe(false);
    expect(mayRemove({ ...open, ended: true }, KEPT, NOON + 100 * KEPT)).toBe(false);
  });

  it('stays while a heartbeat has still to look at it, or its requester has still to be told', () => {
    const late = NOON + 100 * KEPT;
    expect(mayRemove(ended({ dueAt: NOON }), KEPT, late)).toBe(false);
    expect(mayRemove(ended(callback('waiting')), KEPT, late)).toBe(false);
    expect(mayRemove(ended(callback('delivered')), KEPT, late)).toBe(true);
    expect(mayRemove(ended(callback('failed')), KEPT, late)).toBe(true);
  });
});

describe('what is remembered of a collection', () => {
  it('is how it ended and where its evidence is listed, for a year more', () => {
    const manifest = { blobName: 'INC-7/c1/manifest.json', bytes: 9, sha256: 'a'.repeat(64) };
    expect(rememberedOf(ended({ caseId: 'INC-7', manifest }), NOON + KEPT)).toStrictEqual({
      collectionId: 'c1',
      tenantId: 'default',
      caseId: 'INC-7',
      createdAt: NOON - DAY,
      state: 'completed',
      outcome: 'partial',
      endedAt: NOON,
      manifest,
      removedAt: NOON + KEPT,
      forgetAt: NOON + KEPT + 365 * DAY,
    });
  });

  it('names no case and no manifest where there was none', () => {
    const remembered = rememberedOf(ended(), NOON + KEPT);
    expect(remembered).not.toHaveProperty('caseId');
    expect(remembered).not.toHaveProperty('manifest');
  });

  it('is nothing of one that has not ended', () => {
    const { closing: _, ...unclosed } = ended();
    const { endedAt: __, ...closing } = ended();
    for (const open of [unclosed, closing])
      expect(() => rememberedOf(open, NOON)).toThrow('collection c1 has not ended');
  });
});

describe('the rows among which those to remove are', () => {
  const now = NOON + KEPT;
  const looksAt = (createdAt: number, at = now) => {
    const { from, to } = removalRange(KEPT, at);
    const key = listKey('all', aCollection([], { createdAt }));
    return from <= key && key < to;
  };

  it('hold all that may have ended long enough ago, and none that was created later', () => {
    expect([looksAt(1), looksAt(NOON - 1), looksAt(NOON), looksAt(NOON + 1)]).toEqual([true, true, true, false]);
  });

  it('are none on a clock that stands before any of them', () => {
    expect(looksAt(1, 0)).toBe(false);
  });

  it('are of the list of all collections alone', () => {
    const { from, to } = removalRange(KEPT, now);
    const other = listKey('state|completed', aCollection([], { createdAt: 1 }));
    expect(from <= other && other < to).toBe(false);
  });
});
