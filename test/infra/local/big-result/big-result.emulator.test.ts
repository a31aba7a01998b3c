import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { seededBytes } from '../../../../infra/local/big-result/seeded-bytes.ts';

describe('the proof with a big result', () => {
  it('holds for a small one: killed half way, it goes on there and stores the same bytes', async () => {
    const main = fileURLToPath(new URL('../../../../infra/local/big-result/main.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [main, '64']);
    expect(stdout).toContain("Stored SHA-256 equals the source's");
  });

  it('is made with bytes that are the same in any range', () => {
    const from = (at: number) => Buffer.concat([...seededBytes('seed', at, 1_000, 100)]);
    for (const at of [0, 1, 15, 16, 17, 999]) expect(from(at).equals(from(0).subarray(at))).toBe(true);
  });
});
