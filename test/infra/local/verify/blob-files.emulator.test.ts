import { randomUUID } from 'node:crypto';
import { BlobServiceClient, ContainerSASPermissions } from '@azure/storage-blob';
import { expect, inject, it } from 'vitest';
import { main } from '../../../../infra/local/verify/main.ts';
import { PREFIX, someEvidence } from './evidence-folder.ts';

it('verifies evidence where it is stored, by the address of its folder or manifest', async () => {
  const service = BlobServiceClient.fromConnectionString(inject('stateConnectionString'));
  const container = service.getContainerClient(`verify-${randomUUID()}`);
  await container.create();
  for (const [path, bytes] of someEvidence().files)
    await container.getBlockBlobClient(`${PREFIX}${path}`).uploadData(Buffer.from(bytes));
  const sas = new URL(
    await container.generateSasUrl({
      permissions: ContainerSASPermissions.parse('rl'),
      expiresOn: new Date(Date.now() + 600_000),
    }),
  ).search;
  const said: string[] = [];
  const run = (address: string) => main([address], (line) => said.push(line));
  const folder = `${container.url}/${encodeURI(PREFIX)}`;

  expect(await run(`${folder}${sas}`)).toBe(0);
  expect(await run(`${folder.slice(0, -1)}${sas}`)).toBe(0);
  expect(await run(`${folder}manifest.json${sas}`)).toBe(0);
  expect(await run(`${folder}manifest.json`)).toBe(2);
  expect(await run(`${container.url}/nothing${sas}`)).toBe(2);
  await container.getBlockBlobClient(`${PREFIX}stray.txt`).uploadData(Buffer.from('x'));
  expect(await run(`${folder}${sas}`)).toBe(1);
  expect(said.at(-1)).toContain('stray.txt');
});
