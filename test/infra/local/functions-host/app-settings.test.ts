import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAppSettings, resolveSettingNames } from '../../../../infra/local/functions-host/app-settings.ts';

let folder: string;
const file = () => join(folder, 'local.settings.json');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('app settings', () => {
  it('come from local.settings.json, and the environment stands above it', async () => {
    await writeFile(file(), JSON.stringify({ Values: { A: 'file', B: 'file' } }));
    expect(await readAppSettings(file(), { B: 'environment' })).toEqual({ A: 'file', B: 'environment' });
  });

  it('do not need the file', async () => {
    expect(await readAppSettings(file(), { A: '1' })).toEqual({ A: '1' });
  });

  it('name the value that is not a string', async () => {
    await writeFile(file(), JSON.stringify({ Values: { PORT: 7071 } }));
    await expect(readAppSettings(file(), {})).rejects.toThrow('local.settings.json: Values.PORT');
  });

  it('say that the file is no JSON', async () => {
    await writeFile(file(), '{ "Values": ');
    await expect(readAppSettings(file(), {})).rejects.toThrow('local.settings.json is not valid JSON');
  });

  it('replace %NAME% in bindings and name the one that is missing', () => {
    expect(resolveSettingNames('%A%-requests', { A: 'x' }, 'the queue')).toBe('x-requests');
    expect(() => resolveSettingNames('%B%', {}, 'the queue of "take"')).toThrow('B is not set');
  });
});
