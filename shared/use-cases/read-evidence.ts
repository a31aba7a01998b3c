import type { ArtifactView } from '../contracts/artifact-view.ts';
import type { CustodyEventView } from '../contracts/custody-event.ts';
import type { Artifact } from '../domain/task.ts';
import { type EpochMs, minutes, toIso } from '../domain/time.ts';
import { allTasks } from './all-tasks.ts';
import { changeHeader } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { readRemoved } from './removed-collection.ts';
import { artifactView } from './views/task-view.ts';

/** Long enough to start a download of 3 GB, short enough to be worth little when it leaks. */
const LINK_LIFE_MS = minutes(15);

/** Artifacts of some tasks, page by page in order of the tasks; `undefined` when there is no such collection. */
export async function listArtifacts(
  deps: Deps,
  collectionId: string,
  page: { top: number; continuation?: string },
): Promise<{ value: ArtifactView[]; continuation?: string } | undefined> {
  const [header, tasks] = await Promise.all([
    deps.collections.header(collectionId),
    deps.collections.tasks(collectionId, page),
  ]);
  if (!header) return undefined;
  const value = tasks.value.flatMap((task) =>
    task.commands.flatMap((c) => (c.artifact ? [artifactView(task.taskId, c.index, c.artifact)] : [])),
  );
  return { value, ...(tasks.continuation === undefined ? {} : { continuation: tasks.continuation }) };
}

export type ArtifactLinkAnswer =
  | { kind: 'link'; url: string; expiresAt: EpochMs }
  | { kind: 'noCollection' }
  | { kind: 'noArtifact' };

/** A short-lived link into durable storage. Who asked for it goes into the custody record before it is handed out. */
export async function linkToArtifact(
  deps: Deps,
  collectionId: string,
  artifactId: string,
  actor: string,
): Promise<ArtifactLinkAnswer> {
  if (!(await deps.collections.header(collectionId))) return { kind: 'noCollection' };
  const found = await findArtifact(deps, collectionId, artifactId);
  if (!found) return { kind: 'noArtifact' };
  const expiresAt = deps.clock.now() + LINK_LIFE_MS;
  await changeHeader(deps, collectionId, (collection, at) => ({
    collection,
    entries: [
      {
        at,
        type: 'artifact.linkIssued',
        actor,
        taskId: found.taskId,
        artifactId,
        data: { expiresAt: toIso(expiresAt) },
      },
    ],
  }));
  return { kind: 'link', url: await deps.evidence.readLink(found.artifact.blobName, expiresAt), expiresAt };
}

async function findArtifact(
  deps: Deps,
  collectionId: string,
  artifactId: string,
): Promise<{ taskId: string; artifact: Artifact } | undefined> {
  for (const task of await allTasks(deps, collectionId)) {
    const artifact = task.commands.find((c) => c.artifact?.artifactId === artifactId)?.artifact;
    if (artifact) return { taskId: task.taskId, artifact };
  }
  return undefined;
}

export type ManifestAnswer = { kind: 'manifest'; text: string } | { kind: 'noCollection' } | { kind: 'notEnded' };

/** The manifest as it was stored, byte for byte; also when the collection's state is not kept any more. */
export async function readManifest(deps: Deps, collectionId: string): Promise<ManifestAnswer> {
  const collection = (await deps.collections.header(collectionId))?.value;
  if (collection && !(collection.ended && collection.manifest)) return { kind: 'notEnded' };
  const { manifest } = collection ?? (await readRemoved(deps, collectionId)) ?? {};
  if (!manifest) return { kind: 'noCollection' };
  const bytes = await Array.fromAsync(await deps.evidence.read(manifest.blobName));
  return { kind: 'manifest', text: Buffer.concat(bytes).toString('utf8') };
}

export async function readCustody(
  deps: Deps,
  collectionId: string,
  page: { top: number; continuation?: string },
): Promise<{ value: CustodyEventView[]; continuation?: string } | undefined> {
  const [header, events] = await Promise.all([
    deps.collections.header(collectionId),
    deps.collections.custody(collectionId, page),
  ]);
  if (!header) return undefined;
  const value = events.value.map((event) => ({ ...event, at: toIso(event.at) }));
  return { value, ...(events.continuation === undefined ? {} : { continuation: events.continuation }) };
}
