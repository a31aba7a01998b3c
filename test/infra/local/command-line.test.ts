import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { wholeNumber } from '../../../infra/local/command-line.ts';

describe('a whole number on the command line', () => {
  it('is taken from the least on', () => {
    expect(wholeNumber('seeds', '1', 1)).toBe(1);
    expect(wholeNumber('from', '0')).toBe(0);
  });

  it.each(['0', '-1', '1.5', 'many', '', ' ', '1e99'])('is not %j, and the message names the option', (given) => {
    expect(() => wholeNumber('seeds', given, 1)).toThrow(`--seeds: ${given} is no whole number from 1 on`);
  });
});

describe('a command', () => {
  it.each([
    ['does not know an option', ['--nonsense'], "Unknown option '--nonsense'"],
    ['cannot read a number', ['--seeds', 'all'], '--seeds: all is no whole number from 1 on'],
  ])('that %s says so, and how it is used', (_, args, message) => {
    const script = fileURLToPath(new URL('../../simulation/main.ts', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: npm run simulate');
    expect(status).toBe(2);
  });
});
