import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../infra/build.ts';
import { tryFileLock, withFileLock } from '../../infra/file-lock.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-build-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('build', () => {
  it('makes one small file that turns on the compile cache, the code, its source map and what went into it', async () => {
    const entry = join(folder, 'app.ts');
    await writeFile(entry, "console.log(typeof require('@azure/functions-core' as string))");
    const { appFile, bytes } = await buildApp({ entry, appFile: join(folder, 'out', 'app.cjs') });
    expect(bytes).toBeGreaterThan(0);
    expect((await readdir(join(folder, 'out'))).sort()).toEqual([
      'app-code.cjs',
      'app-code.cjs.map',
      'app.cjs',
      'meta.json',
    ]);
    expect(await readFile(appFile, 'utf8')).toContain('enableCompileCache');
  });

  it('leaves @azure/functions-core to the host', async () => {
    const entry = join(folder, 'external.ts');
    await writeFile(entry, "import { version } from '@azure/functions-core'; console.log(version)");
    const { appFile } = await buildApp({ entry, appFile: join(folder, 'external', 'app.cjs') });
    const { stderr } = spawnSync(process.execPath, [appFile], { encoding: 'utf8' });
    expect(stderr).toContain("Cannot find module '@azure/functions-core'");
  });

  it('names file and line of a mistake and leaves no half-made bundle', async () => {
    const entry = join(folder, 'broken.ts');
    await writeFile(entry, "import './missing.ts';\n");
    await expect(buildApp({ entry, appFile: join(folder, 'broken', 'app.cjs') })).rejects.toThrow(/broken\.ts:1/);
    expect(await readdir(join(folder, 'broken'))).toEqual([]);
  });
});

describe('file lock', () => {
  it('lets one in at a time', async () => {
    const file = join(folder, 'one.lock');
    const order: string[] = [];
    const work = (name: string) =>
      withFileLock(file, async () => {
        order.push(`${name} in`);
        await new Promise(setImmediate);
        order.push(`${name} out`);
      });
    await Promise.all([work('a'), work('b')]);
    expect(order).toHaveLength(4);
    expect(order[1]?.replace('out', 'in')).toBe(order[0]);
  });

  it('is free when its owner is gone', async () => {
    const file = join(folder, 'dead.lock');
    await writeFile(file, '2147483646');
    expect(await tryFileLock(file)).toBeDefined();
    expect(await tryFileLock(file)).toBeUndefined();
  });
});
