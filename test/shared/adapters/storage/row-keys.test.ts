import { describe, expect, it } from 'vitest';
import { rowKey } from '../../../../shared/adapters/storage/row-keys.ts';

describe('row keys', () => {
  it.each(['a', 'c|0000000001', 'Zoë 日本', "it's", 'x'.repeat(512)])('may be "%s"', (key) => {
    expect(rowKey(key, 'key')).toBe(key);
  });

  it.each(['', 'a/b', 'a\\b', 'a#b', 'a?b', 'a%b', 'a\tb', 'a\u0000b', 'a\u0085b', 'x'.repeat(513)])(
    'are refused, never repaired: "%s"',
    (key) => {
      expect(() => rowKey(key, 'task id')).toThrow(/^task id/);
    },
  );
});
