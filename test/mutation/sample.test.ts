import { expect, test } from 'vitest';
import { declarationsOf, sampleOf } from './sample.ts';

const RULES = ['shared/domain/{backoff,capacity,task}.ts'];

test('A declaration reaches to the next one, the last to the end of the file', () => {
  const source = [
    "import x from 'x';",
    '',
    'export const a = 1;',
    '/** Says what b is. */',
    'function b() {',
    '}',
  ].join('\n');
  expect(declarationsOf(source)).toEqual([
    { from: 3, to: 4 },
    { from: 5, to: 6 },
  ]);
});

test('The whole of the files is every declaration of theirs, and none is there twice', () => {
  const all = sampleOf(RULES, 1, 1);
  expect(new Set(all).size).toBe(all.length);
  expect(all.some((place) => place.startsWith('shared/domain/capacity.ts:'))).toBe(true);
});

test('A sample is a part of the whole, the same for a seed and another for another', () => {
  const half = sampleOf(RULES, 0.5, 1);
  expect(sampleOf(RULES, 1, 1)).toEqual(expect.arrayContaining(half));
  expect(sampleOf(RULES, 0.5, 1)).toEqual(half);
  expect(sampleOf(RULES, 0.5, 2)).not.toEqual(half);
});
