import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../../../infra/local/verify/main.ts';
import { type EvidenceFiles, verifyEvidence } from '../../../../infra/local/verify/verify-evidence.ts';
import { someEvidence } from './evidence-folder.ts';

async function* once(bytes: Uint8Array | undefined): AsyncIterable<Uint8Array> {
  if (bytes) yield bytes;
}

const filesOf = (files: Map<string, Uint8Array>): EvidenceFiles => ({
  list: async () => [...files.keys()].map((path) => ({ path, plain: true })),
  read: async (path) => once(files.get(path)),
});

const first = 'ws01_ws01-id/00-RunScript-a.ps1';
const gzipped = 'ws01_ws01-id/01-GetFile-out.bin';

describe('evidence', () => {
  const verdictAfter = async (change: (evidence: ReturnType<typeof someEvidence>) => void) => {
    const evidence = someEvidence();
    change(evidence);
    return verifyEvidence(evidence.manifest, filesOf(evidence.files));
  };
  const artifactAt = ({ manifest }: ReturnType<typeof someEvidence>, command: number) => {
    const artifact = manifest.collection.tasks[0]?.commands[command];
    if (!artifact || !('artifact' in artifact)) throw new Error('no such artifact');
    return artifact.artifact as Record<string, unknown>;
  };

  it('fits its manifest when nothing was changed', async () => {
    expect(await verdictAfter(() => undefined)).toMatchObject({ fits: true, artifacts: 6 });
  });

  it.each<[string, (evidence: ReturnType<typeof someEvidence>) => void, RegExp]>([
    ['a file is missing', ({ files }) => files.delete(first), /00-RunScript-a.ps1: it is missing/],
    [
      'a file was added',
      ({ files }) => files.set('ws01_ws01-id/extra.txt', new Uint8Array()),
      /extra.txt: .* not list/,
    ],
    ['a file is shorter', ({ files }) => files.set(first, new Uint8Array(3)), /00-RunScript-a.ps1: its length is 3/],
    ['an exit code was changed', (all) => Object.assign(artifactAt(all, 0), { exitCode: 0 }), /its exit code is 3/],
    [
      "a content's hash was changed",
      (all) => Object.assign(artifactAt(all, 1), { contentSha256: '0'.repeat(64) }),
      /its content's SHA-256/,
    ],
    [
      'a content is not known',
      (all) => Object.assign(artifactAt(all, 0), { contentBytes: 3 }),
      /its content's length is not known/,
    ],
    ['an artifact lies elsewhere', (all) => Object.assign(artifactAt(all, 0), { blobName: 'INC-2/x/y/z' }), /outside/],
    [
      'an artifact climbs',
      (all) => Object.assign(artifactAt(all, 0), { blobName: `${artifactAt(all, 0).blobName}/../../x` }),
      /outside/,
    ],
    [
      'an artifact is listed twice',
      (all) => Object.assign(artifactAt(all, 0), { blobName: artifactAt(all, 1).blobName }),
      /twice/,
    ],
    [
      'an artifact was struck out',
      ({ manifest }) => Object.assign(manifest.collection.tasks[0]?.commands[0] ?? {}, { artifact: null }),
      /has no artifact/,
    ],
    ['a task was struck out', ({ manifest }) => manifest.collection.tasks.pop(), /has 2 tasks, but counts 3/],
    [
      'the manifest is of another kind',
      ({ manifest }) => Object.assign(manifest, { schemaVersion: 2 }),
      /schemaVersion/,
    ],
  ])('does not fit when %s', async (_, change, what) => {
    const verdict = await verdictAfter((evidence) => void change(evidence));
    expect(verdict).toMatchObject({ fits: false });
    expect(verdict.fits ? '' : verdict.what).toMatch(what);
  });

  it('does not fit when any bit of any file was turned', async () => {
    const { manifest, files } = someEvidence();
    const full = [...files.keys()].filter((path) => path !== 'manifest.json' && files.get(path)?.length);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...full), fc.nat(), async (path, where) => {
        const spoiled = Uint8Array.from(files.get(path) ?? []);
        const at = where % spoiled.length;
        spoiled[at] = (spoiled[at] ?? 0) ^ (1 << (where % 8));
        const verdict = await verifyEvidence(manifest, filesOf(new Map([...files, [path, spoiled]])));
        expect(verdict).toMatchObject({ fits: false, what: expect.stringContaining(path) });
      }),
      { numRuns: 50 },
    );
  });

  it('is never judged by what is no manifest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (manifest) => {
        expect(await verifyEvidence(manifest, filesOf(new Map()))).toMatchObject({ fits: false });
      }),
    );
  });
});

describe('npm run verify', () => {
  let folder: string;
  const said: string[] = [];
  const run = (...args: string[]) => {
    said.length = 0;
    return main(args, (line) => said.push(line));
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-verify-'));
    for (const [path, bytes] of someEvidence().files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('ends with 0 for a copy that fits, by its folder or its manifest', async () => {
    expect(await run(folder)).toBe(0);
    expect(said[0]).toMatch(/^Fits: 6 artifacts, \d+ bytes\.$/);
    expect(await run(join(folder, 'manifest.json'))).toBe(0);
  });

  it('ends with 1 and names what does not fit', async () => {
    await writeFile(join(folder, gzipped), 'something else');
    expect(await run(folder)).toBe(1);
    expect(said).toEqual([expect.stringContaining(gzipped)]);
  });

  it.skipIf(process.platform === 'win32')('ends with 1 where a link stands for a file', async () => {
    await rm(join(folder, first));
    await symlink(join(folder, gzipped), join(folder, first));
    expect(await run(folder)).toBe(1);
    expect(said[0]).toContain('it is a link');
  });

  it('ends with 2 when there is nothing to judge by', async () => {
    expect(await run()).toBe(2);
    expect(await run(folder, 'more')).toBe(2);
    expect(await run('--help')).toBe(2);
    expect(await run(join(folder, 'nowhere'))).toBe(2);
    expect(await run('http://127.0.0.1:1/account/evidence/INC-1/c?sig=secret')).toBe(2);
    expect(said.join()).not.toContain('secret');
    await writeFile(join(folder, 'manifest.json'), '{"schemaVersion":1,');
    expect(await run(folder)).toBe(2);
    await rm(join(folder, 'manifest.json'));
    expect(await run(folder)).toBe(2);
  });
});
