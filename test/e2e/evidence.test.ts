import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CollectionView } from '../../shared/contracts/collection-view.ts';
import { CustodyPage } from '../../shared/contracts/custody-event.ts';
import { ManifestView } from '../../shared/contracts/manifest-view.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { runNpmScript } from './npm-script.ts';
import { fileFrom, GET_FILE } from './requests.ts';

const RUN = { type: 'RunScript', scriptName: 'collect.ps1' } as const;

let system: E2eSystem;
/** Two devices, a script and a file from each, and one device that nobody knows. */
let collection: CollectionView;

beforeAll(async () => {
  system = await startE2eSystem({
    scenarioOf: {
      devices: [
        { computerDnsName: 'ws01.contoso.com' },
        { computerDnsName: 'ws02.contoso.com', commands: [{ type: 'GetFile', bytes: 2_000_000 }] },
        { computerDnsName: 'asleep.contoso.com', awake: 'never' },
      ],
    },
  });
  const targets = ['ws01', 'ws02', 'ghost'].map((computerDnsName) => ({ computerDnsName }));
  const request = { targets, commands: [RUN, GET_FILE], caseId: 'INC-9', comment: 'beacon seen', requestId: 'r-9' };
  collection = await system.client.collect(request, { 'x-ms-workflow-run-id': 'RUN-9' });
});
afterAll(() => system?.local.stop());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const evidence = () =>
  BlobServiceClient.fromConnectionString(system.local.stateConnectionString).getContainerClient('evidence');
const folder = () => `INC-9/${collection.collectionId}/`;

describe('artifacts', () => {
  it('are one for each result, as in the tasks', async () => {
    const artifacts = await system.client.artifacts(collection.collectionId);
    const shown = collection.tasks.flatMap(({ commands }) => commands.flatMap(({ artifact }) => artifact ?? []));
    expect(artifacts).toHaveLength(4);
    expect(artifacts).toEqual(shown);
    const names = artifacts.map(({ blobName }) => blobName.slice(folder().length).replace(/_[0-9a-f]{40}/, ''));
    expect(names.sort()).toEqual([
      'ws01.contoso.com/00-RunScript-collect.ps1',
      'ws01.contoso.com/01-GetFile-out.zip',
      'ws02.contoso.com/00-RunScript-collect.ps1',
      'ws02.contoso.com/01-GetFile-out.zip',
    ]);
  });

  it('are had by a link into durable storage that reads the stored bytes and can do nothing else', async () => {
    for (const { artifactId, bytes, blobName, sha256: hash } of await system.client.artifacts(
      collection.collectionId,
    )) {
      const { url, expiresAt } = await system.client.link(collection.collectionId, artifactId);
      expect(url.startsWith(`${system.local.blobUrl}/`)).toBe(true);
      expect(decodeURIComponent(new URL(url).pathname)).toMatch(new RegExp(`/evidence/${RegExp.escape(blobName)}$`));
      const minutesLeft = (Date.parse(expiresAt) - Date.now()) / 60_000;
      expect(minutesLeft).toBeGreaterThan(1);
      expect(minutesLeft).toBeLessThanOrEqual(60);
      const stored = new Uint8Array(await (await fetch(url)).arrayBuffer());
      expect([stored.length, sha256(stored)]).toEqual([bytes, hash]);
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
      expect((await fetch(url.replace(/out\.zip|collect\.ps1/, 'other'))).status).toBe(403);
    }
  });

  it('that do not exist have no link, nor have those of another collection', async () => {
    const { collectionId } = await system.client.submit(fileFrom('asleep'));
    const [artifact] = await system.client.artifacts(collection.collectionId);
    for (const artifactId of ['none', artifact?.artifactId])
      expect((await system.client.refusal(404, `/collections/${collectionId}/artifacts/${artifactId}/link`)).code).toBe(
        'ArtifactNotFound',
      );
  });
});

describe('the manifest', () => {
  it('is not there before the end', async () => {
    const { collectionId } = await system.client.submit(fileFrom('asleep'));
    const error = await system.client.refusal(409, `/collections/${collectionId}/manifest`);
    expect(error.code).toBe('CollectionNotEnded');
  });

  it('is answered as it is stored, byte for byte', async () => {
    const answer = await system.client.fetch(`/collections/${collection.collectionId}/manifest`);
    const stored = await evidence().getBlobClient(`${folder()}manifest.json`).downloadToBuffer();
    expect(Buffer.from(await answer.arrayBuffer()).equals(stored)).toBe(true);
  });

  it('says who asked for what and why, what was archived and what is missing', async () => {
    const { body } = await system.client.read(ManifestView, `/collections/${collection.collectionId}/manifest`);
    const { updatedAt: _, ...told } = collection;
    expect(body).toMatchObject({ software: { name: 'Holdfast' }, collection: told });
    expect(body).toMatchObject({
      collection: { comment: 'beacon seen', requestedBy: expect.stringContaining('RUN-9') },
    });
    const tasks = (body.collection as { tasks: { attemptLog: unknown[] }[] }).tasks;
    expect(tasks.map(({ attemptLog }) => attemptLog.length).sort()).toEqual([0, 1, 1]);
  });
});

describe('the custody record', () => {
  it('tells the whole life, oldest first and without a gap', async () => {
    const events = await system.client.custody(collection.collectionId);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe('collection.accepted');
    expect(types.filter((type) => type === 'artifact.archived')).toHaveLength(4);
    expect(types.indexOf('collection.ended')).toBeGreaterThan(types.indexOf('manifest.stored'));
  });

  it('is the same page by page', async () => {
    const path = `/collections/${collection.collectionId}/custody`;
    const whole = await system.client.custody(collection.collectionId);
    expect(await system.client.pages(CustodyPage, `${path}?top=3`)).toEqual(whole);
  });

  it('has the SHA-256 of the manifest', async () => {
    const events = await system.client.custody(collection.collectionId);
    const stored = await evidence().getBlobClient(`${folder()}manifest.json`).downloadToBuffer();
    expect(events.find(({ type }) => type === 'manifest.stored')?.data).toMatchObject({ sha256: sha256(stored) });
  });

  it('notes who was given a link, and never the link', async () => {
    const [artifact] = await system.client.artifacts(collection.collectionId);
    const artifactId = artifact?.artifactId ?? '';
    const { url } = await system.client.link(collection.collectionId, artifactId);
    const last = (await system.client.custody(collection.collectionId)).at(-1);
    expect(last).toMatchObject({ artifactId, actor: 'http' });
    expect(JSON.stringify(last)).not.toContain(new URL(url).searchParams.get('sig'));
  });
});

describe('npm run verify', () => {
  it('fits the evidence wherever it was copied, and finds one byte that was changed', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'holdfast-evidence-'));
    try {
      const files = await copyTo(copy);
      const good = await runNpmScript('verify', [copy]);
      expect(good, good.output).toMatchObject({ exitCode: 0, output: expect.stringContaining('4 artifacts') });
      const changed = join(copy, files.find((path) => path.endsWith('out.zip')) ?? '');
      const bytes = await readFile(changed);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      await writeFile(changed, bytes);
      const bad = await runNpmScript('verify', [copy]);
      expect(bad, bad.output).toMatchObject({ exitCode: 1, output: expect.stringContaining('out.zip') });
      expect((await runNpmScript('verify', [join(copy, 'nowhere')])).exitCode).toBe(2);
    } finally {
      await rm(copy, { recursive: true });
    }
  });
});

/** @returns the paths of the collection's files, relative to where they were copied */
async function copyTo(target: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name } of evidence().listBlobsFlat({ prefix: folder() })) {
    const path = name.slice(folder().length);
    await mkdir(dirname(join(target, path)), { recursive: true });
    await evidence().getBlobClient(name).downloadToFile(join(target, path));
    paths.push(path);
  }
  return paths;
}
