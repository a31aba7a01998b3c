import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { artifactBlobName, collectionPrefix } from '../../../../shared/domain/evidence/blob-names.ts';
import { buildManifest } from '../../../../shared/domain/evidence/manifest.ts';
import type { Command } from '../../../../shared/domain/request/collection-request.ts';

const collectionId = '01890a5d-ac96-774b-bcce-b302099a8057';
const place = { caseId: 'INC/1', collectionId };

export const PREFIX = collectionPrefix(place);

/** As the answers show what is not known. */
const unknown = { contentBytes: null, contentSha256: null, exitCode: null };

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The evidence of a small collection, as it lies in the container under `PREFIX`, and its manifest. */
export function someEvidence() {
  const content = Buffer.from('the file itself '.repeat(1_000));
  const files = new Map<string, Uint8Array>();
  const artifactOf = (device: string, index: number, command: Command, bytes: Uint8Array, more = {}) => {
    const blobName = artifactBlobName({ ...place, computerDnsName: device, machineId: `${device}-id`, index, command });
    files.set(blobName.slice(PREFIX.length), bytes);
    return {
      index,
      ...command,
      state: 'archived',
      errors: [],
      artifact: {
        artifactId: `${device}.${index}`,
        blobName,
        bytes: bytes.length,
        sha256: sha256(bytes),
        ...unknown,
        ...more,
      },
    };
  };
  const taskOf = (device: string) => ({
    taskId: device,
    state: 'archived',
    commands: [
      artifactOf(device, 0, { type: 'RunScript', scriptName: 'a.ps1' }, Buffer.from('{"exit_code":3}'), {
        exitCode: 3,
      }),
      artifactOf(device, 1, { type: 'GetFile', path: 'C:\\Temp\\out.bin' }, gzipSync(content), {
        contentBytes: content.length,
        contentSha256: sha256(content),
      }),
      artifactOf(device, 2, { type: 'GetFile', path: 'C:\\Größe.txt' }, new Uint8Array()),
    ],
  });
  const failed = {
    taskId: 'ws03',
    state: 'failed',
    commands: [{ index: 0, type: 'RunScript', scriptName: 'a.ps1', state: 'notRun', errors: [], artifact: null }],
  };
  const manifest = buildManifest({
    software: { name: 'Holdfast', version: '0.1.0' },
    collection: { ...place, counts: { total: 3 }, tasks: [taskOf('ws01'), taskOf('ws02'), failed] },
    request: { targets: [], commands: [], priority: 'normal', expiresAt: '2026-12-01T00:00:00Z', given: [] },
    custody: [],
  });
  files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
  return { manifest, files };
}
