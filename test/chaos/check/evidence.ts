import { createHash } from 'node:crypto';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import type { CheckedCollection } from './collections.ts';
import type { TenantRecord } from './tenant-record.ts';

export interface EvidenceVerdict {
  /** Results that devices handed over and that neither lie in storage, whole, nor are explained; in sentences. */
  lost: string[];
  /** Results whose stored bytes have the tenant's own hash. */
  held: number;
  /** Results whose task says why they are not kept. */
  explained: number;
}

export const evidenceIn = (connectionString: string): ContainerClient =>
  BlobServiceClient.fromConnectionString(connectionString).getContainerClient('evidence');

/** Holds what each device produced, by the tenant's own record, against the bytes that lie in the container. */
export async function checkEvidence(
  record: TenantRecord,
  collections: readonly CheckedCollection[],
  evidence: ContainerClient,
): Promise<EvidenceVerdict> {
  const taskOf = new Map(
    collections.flatMap(({ tasks }) =>
      tasks.flatMap((task) => (task.machineActionId ? [[task.machineActionId, task]] : [])),
    ),
  );
  const verdict: EvidenceVerdict = { lost: [], held: 0, explained: 0 };
  for (const { actionId, machineId, index, bytes, sha256 } of record.results) {
    const what = `result ${index} of action ${actionId} on ${machineId}`;
    const task = taskOf.get(actionId);
    const command = task?.commands.find((c) => c.index === index);
    if (task === undefined || command === undefined) {
      verdict.lost.push(`${what}: no task knows of it`);
      continue;
    }
    const { artifact } = command;
    if (!artifact) {
      if (task.failure) verdict.explained += 1;
      else verdict.lost.push(`${what}: not stored, and its task (${task.state}) does not say why`);
      continue;
    }
    const stored = await hashOf(evidence.getBlobClient(artifact.blobName)).catch((error: unknown) => String(error));
    if (stored === sha256 && artifact.sha256 === sha256 && artifact.bytes === bytes) verdict.held += 1;
    else verdict.lost.push(`${what}: stored as ${stored}, told as ${artifact.sha256}, produced as ${sha256}`);
  }
  return verdict;
}

async function hashOf(blob: { download(): Promise<{ readableStreamBody?: NodeJS.ReadableStream }> }): Promise<string> {
  const { readableStreamBody } = await blob.download();
  const hash = createHash('sha256');
  for await (const piece of readableStreamBody ?? []) hash.update(piece);
  return hash.digest('hex');
}
