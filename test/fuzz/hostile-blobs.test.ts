import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../infra/local/verify/main.ts';
import { readScriptResult } from '../../shared/domain/results/script-result.ts';
import { createResultDigest } from '../../shared/use-cases/hold-result/result-digest.ts';
import { openAddress, SealBroken, sealAddress } from '../../shared/use-cases/sealed-address.ts';
import { someEvidence } from '../infra/local/verify/evidence-folder.ts';
import { hostileText } from './hostile-values.ts';

const bytes = fc.uint8Array({ maxLength: 400 });
const SCRIPT = { script_name: 'a.ps1', exit_code: 0, script_output: 'line\nline', script_errors: '' };
const packed = gzipSync(Buffer.from('content '.repeat(1000)));

/** A result as a device may hand it over: proper, cut off, changed, or with a gzip's first bytes alone. */
const result = fc.oneof(
  bytes,
  hostileText(SCRIPT).map((text) => Buffer.from(text)),
  hostileText(SCRIPT).map((text) => Buffer.from(text, 'utf16le')),
  fc.nat(packed.length).map((length) => packed.subarray(0, length)),
  fc.tuple(fc.nat(packed.length - 1), fc.nat(255)).map(([at, value]) => {
    const changed = Buffer.from(packed);
    changed[at] = value;
    return changed;
  }),
  bytes.map((rest) => Buffer.concat([Buffer.from([0x1f, 0x8b]), rest])),
  fc.tuple(bytes, bytes).map((parts) => Buffer.concat([packed, ...parts, packed])),
);

describe('a result, whatever bytes it has', () => {
  it('of a script is read as far as it can be', () => {
    fc.assert(
      fc.property(result, (given) => {
        const { exitCode, output, errors } = readScriptResult(given);
        expect(exitCode === undefined || Number.isSafeInteger(exitCode)).toBe(true);
        for (const text of [output, errors]) expect(text === undefined || typeof text === 'string').toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it.each(['GetFile', 'RunScript'] as const)('of a %s is hashed as it came', async (commandType) => {
    await fc.assert(
      fc.asyncProperty(result, async (given) => {
        const digest = createResultDigest({ commandType, clock: { now: () => 0 } });
        await digest.write(given);
        const told = await digest.end();
        expect(told.bytes).toBe(given.length);
        expect(told.sha256).toMatch(/^[0-9a-f]{64}$/);
        if (told.contentSha256 === undefined) expect(told.contentBytes).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

describe('a sealed address that was changed', () => {
  it('is refused in one way, whatever became of it', () => {
    const key = new Uint8Array(32).fill(7);
    const sealed = sealAddress(key, 'https://prod.logic.azure.com/x?sig=y');
    const damaged = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.nat(sealed.length - 1).map((length) => sealed.slice(0, length)),
      fc.nat(sealed.length - 5).map((at) => `${sealed.slice(0, at + 3)}A${sealed.slice(at + 3)}`),
    );
    fc.assert(
      fc.property(damaged, (text) => {
        expect(() => openAddress(key, text)).toThrow(SealBroken);
      }),
      { numRuns: 500 },
    );
  });
});

describe('npm run verify on a manifest that is hostile', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostile-manifest-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('ends with 1 or 2 and a sentence, never with a trace of the stack', async () => {
    const evidence = someEvidence();
    const good: unknown = JSON.parse(Buffer.from(evidence.files.get('manifest.json') ?? '').toString());
    await fc.assert(
      fc.asyncProperty(hostileText(good), async (text) => {
        await writeFile(join(folder, 'manifest.json'), text);
        const said: string[] = [];
        expect([1, 2]).toContain(await main([folder], (line) => said.push(line)));
        expect(said).toHaveLength(1);
        expect(said[0]).toMatch(/^(Does not fit|Cannot be read): ./);
        expect(said[0]).not.toMatch(/\n\s+at |TypeError|RangeError/);
        expect(said[0]?.length).toBeLessThan(1000);
      }),
      { numRuns: 150 },
    );
  });
});
