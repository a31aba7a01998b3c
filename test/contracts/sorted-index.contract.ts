import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SortedIndex } from '../../shared/ports.ts';

export function sortedIndexContract(name: string, open: () => Promise<SortedIndex>) {
  describe(`${name} as a sorted index`, () => {
    let index: SortedIndex;
    let partition: string;
    beforeEach(async () => {
      index = await open();
      partition = `list|${randomUUID()}`;
    });

    const put = (...keys: string[]) => index.write(partition, { put: keys.map((key) => ({ key })) });
    const keysOf = async (query: { from: string; to: string; top: number }) =>
      (await index.range(partition, query)).value.map(({ key }) => key);
    const all = () => keysOf({ from: '!', to: '~', top: 1_000 });

    it('is empty before anything is written', async () => {
      expect(await index.range(partition, { from: 'a', to: 'z', top: 10 })).toEqual({ value: [] });
    });

    it('gives rows back as they were put, with and without a value', async () => {
      const rows = [
        { key: '1', value: { state: 'queued "ü"', count: 0, ratio: 1.5, at: 1_764_000_000_000 } },
        { key: '2' },
      ];
      await index.write(partition, { put: rows });
      expect((await index.range(partition, { from: '0', to: '9', top: 10 })).value).toStrictEqual(rows);
    });

    it('sorts by character, whatever the order of writing', async () => {
      await put('b', 'a|2', 'B', '10', '9', '-', 'a', 'a|10', '_', 'a.');
      expect(await all()).toEqual(['-', '10', '9', 'B', '_', 'a', 'a.', 'a|10', 'a|2', 'b']);
    });

    it('takes `from` in and leaves `to` out', async () => {
      await put('a', 'b', 'c', 'd');
      expect(await keysOf({ from: 'b', to: 'd', top: 10 })).toEqual(['b', 'c']);
      expect(await keysOf({ from: 'bb', to: 'cc', top: 10 })).toEqual(['c']);
      expect(await keysOf({ from: 'c', to: 'c', top: 10 })).toEqual([]);
      expect(await keysOf({ from: 'd', to: 'a', top: 10 })).toEqual([]);
    });

    it('replaces the value of a key that is put again, the last one within one write', async () => {
      await index.write(partition, { put: [{ key: 'a', value: { old: 1 } }] });
      await index.write(partition, {
        put: [
          { key: 'a', value: { n: 1 } },
          { key: 'a', value: { n: 2 } },
        ],
      });
      expect((await index.range(partition, { from: 'a', to: 'b', top: 10 })).value).toEqual([
        { key: 'a', value: { n: 2 } },
      ]);
    });

    it('moves a row, and removes after it puts', async () => {
      await put('a', 'b');
      await index.write(partition, { put: [{ key: 'c' }, { key: 'd' }], remove: ['a', 'd'] });
      expect(await all()).toEqual(['b', 'c']);
    });

    it('does not mind removing rows that are not there', async () => {
      await put('a', 'b');
      await index.write(partition, { remove: ['never'] });
      await index.write(partition, { put: [{ key: 'c' }], remove: ['a', 'never', 'a', 'nor-this'] });
      expect(await all()).toEqual(['b', 'c']);
    });

    it('takes more rows than one transaction holds', async () => {
      const keys = Array.from({ length: 250 }, (_, n) => `row-${String(n).padStart(4, '0')}`);
      await put(...keys);
      expect(await all()).toEqual(keys);
      await index.write(partition, { remove: [...keys.slice(0, 120), 'never'] });
      expect(await all()).toEqual(keys.slice(120));
    });

    it.each([1, 3, 7, 20, 21])('pages twenty rows by %i: each once, in order, the last page known', async (top) => {
      const keys = Array.from({ length: 20 }, (_, n) => `row-${String(n).padStart(2, '0')}`);
      await put(...keys, 'zzz');
      const seen: string[] = [];
      let continuation: string | undefined;
      do {
        const query = { from: 'row', to: 's', top, ...(continuation === undefined ? {} : { continuation }) };
        const page = await index.range(partition, query);
        expect(page.value).toHaveLength(Math.min(top, keys.length - seen.length));
        seen.push(...page.value.map(({ key }) => key));
        continuation = page.continuation;
      } while (continuation !== undefined);
      expect(seen).toEqual(keys);
    });

    it('reads on where the service answers with a thousand rows at most', async () => {
      const keys = Array.from({ length: 1_500 }, (_, n) => `row-${String(n).padStart(4, '0')}`);
      await put(...keys);
      const query = { from: 'row', to: 's', top: 1_200 };
      const first = await index.range(partition, query);
      expect(first.value.map(({ key }) => key)).toEqual(keys.slice(0, 1_200));
      const { continuation = '' } = first;
      const second = await index.range(partition, { ...query, continuation });
      expect(second.value.map(({ key }) => key)).toEqual(keys.slice(1_200));
      expect(second.continuation).toBeUndefined();
    });

    it('goes on after a row that has gone, and ends where all that were to come have gone', async () => {
      await put('a', 'b', 'c', 'd');
      const query = { from: 'a', to: 'z', top: 2 };
      const { continuation = '' } = await index.range(partition, query);
      await index.write(partition, { remove: ['a', 'b', 'c', 'd'] });
      expect(await index.range(partition, { ...query, continuation })).toEqual({ value: [] });
      await put('b', 'bb');
      expect(await index.range(partition, { ...query, continuation })).toEqual({ value: [{ key: 'bb' }] });
    });

    it('neither skips nor repeats when rows come and go between two pages', async () => {
      await put('a', 'b', 'c', 'd');
      const first = await index.range(partition, { from: 'a', to: 'z', top: 2 });
      await index.write(partition, { put: [{ key: 'aa' }, { key: 'bb' }], remove: ['b'] });
      const query = { from: 'a', to: 'z', top: 10 };
      const { continuation = '' } = first;
      expect((await index.range(partition, { ...query, continuation })).value.map(({ key }) => key)).toEqual([
        'bb',
        'c',
        'd',
      ]);
    });

    it('keeps partitions apart', async () => {
      await put('a');
      expect(await index.range(`${partition}|other`, { from: '!', to: '~', top: 10 })).toEqual({ value: [] });
    });

    it.each(['', 'a/b', 'a b', 'ä', 'a#', 'a%41', 'x'.repeat(600)])('refuses the key "%s" loudly', async (key) => {
      await expect(put('good', key)).rejects.toThrow(RangeError);
      await expect(index.write(partition, { remove: [key] })).rejects.toThrow(RangeError);
      expect(await all()).toEqual([]);
    });
  });
}
