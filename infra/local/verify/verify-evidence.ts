import { collectionPrefix } from '../../../shared/domain/evidence/blob-names.ts';
import { createResultDigest } from '../../../shared/use-cases/hold-result/result-digest.ts';
import { scriptFields } from '../../../shared/use-cases/hold-result/script-fields.ts';
import { Manifest, type ManifestArtifact } from './manifest-shape.ts';

export const MANIFEST_FILE = 'manifest.json';

/** What lies where the manifest lies. Paths are relative to it, with `/`. */
export interface EvidenceFiles {
  /** Everything there, the manifest included. `plain`: a file of its own, not a link to something else. */
  list(): Promise<{ path: string; plain: boolean }[]>;
  read(path: string): Promise<AsyncIterable<Uint8Array>>;
}

export type Verdict = { fits: true; artifacts: number; bytes: number } | { fits: false; what: string };

interface Listed {
  path: string;
  commandType: string;
  artifact: ManifestArtifact;
}

const misfit = (what: string): Verdict => ({ fits: false, what });

/**
 * Whether the evidence is what its manifest says: the same files, none more, each with its length, its SHA-256 and that
 * of its content. Names the first thing that does not fit. Throws what `files` throws: then nothing is proven.
 */
export async function verifyEvidence(manifest: unknown, files: EvidenceFiles): Promise<Verdict> {
  const parsed = Manifest.safeParse(manifest);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return misfit(`the manifest's ${issue?.path.join('.') || 'form'}: ${issue?.message ?? 'it is none'}`);
  }
  const listed = listArtifacts(parsed.data);
  const wrong = inconsistency(parsed.data, listed) ?? (await strayFile(listed, files));
  if (wrong !== undefined) return misfit(wrong);
  for (const entry of listed) {
    const difference = await differenceOf(entry, files);
    if (difference !== undefined) return misfit(`${entry.path}: ${difference}`);
  }
  return { fits: true, artifacts: listed.length, bytes: listed.reduce((sum, { artifact }) => sum + artifact.bytes, 0) };
}

/** The path of an artifact is its blob name without the folder that the manifest lies in. */
function listArtifacts({ collection }: Manifest): Listed[] {
  const prefix = collectionPrefix({
    collectionId: collection.collectionId,
    ...(collection.caseId ? { caseId: collection.caseId } : {}),
  });
  return collection.tasks.flatMap(({ commands }) =>
    commands.flatMap(({ type, artifact }) => {
      if (!artifact) return [];
      const { blobName } = artifact;
      const path = blobName.startsWith(prefix) ? blobName.slice(prefix.length) : `?/${blobName}`;
      return [{ path, commandType: type, artifact }];
    }),
  );
}

function inconsistency({ collection }: Manifest, listed: Listed[]): string | undefined {
  const outside = listed.find(({ path }) => !staysInside(path));
  if (outside) return `artifact ${outside.artifact.artifactId} lies outside of the collection's folder`;
  const paths = listed.map(({ path }) => path);
  const twice = paths.find((path, at) => paths.indexOf(path) !== at);
  if (twice !== undefined) return `${twice}: the manifest lists it twice`;
  for (const { taskId, state, commands } of collection.tasks) {
    const without = commands.find((command) => command.state === 'archived' && !command.artifact);
    if (without) return `task ${taskId}: command ${without.index} is archived, but has no artifact`;
    if (state === 'archived' && commands.some((command) => command.state === 'failed' || command.state === 'notRun'))
      return `task ${taskId}: it is archived, but not all of its commands ended well`;
  }
  if (collection.counts.total !== collection.tasks.length)
    return `the manifest has ${collection.tasks.length} tasks, but counts ${collection.counts.total}`;
  return undefined;
}

function staysInside(path: string): boolean {
  const segments = path.split('/');
  return (
    path !== MANIFEST_FILE &&
    !segments.some((segment) => ['', '.', '..', '?'].includes(segment) || /[\\:\0]/.test(segment))
  );
}

async function strayFile(listed: Listed[], files: EvidenceFiles): Promise<string | undefined> {
  const found = new Map((await files.list()).map(({ path, plain }) => [path, plain]));
  const missing = listed.find(({ path }) => !found.has(path));
  if (missing) return `${missing.path}: it is missing`;
  const expected = new Set([MANIFEST_FILE, ...listed.map(({ path }) => path)]);
  for (const [path, plain] of found) {
    if (!expected.has(path)) return `${path}: the manifest does not list it`;
    if (!plain) return `${path}: it is a link, not a file`;
  }
  return undefined;
}

async function differenceOf(
  { path, commandType, artifact }: Listed,
  files: EvidenceFiles,
): Promise<string | undefined> {
  const digest = createResultDigest({
    commandType: commandType === 'RunScript' ? 'RunScript' : 'GetFile',
    clock: { now: () => Date.now() },
  });
  for await (const chunk of await files.read(path)) await digest.write(chunk);
  const { bytes, sha256, contentBytes, contentSha256, contentNote, script } = await digest.end();

  const differs = (what: string, is: unknown, expected: unknown): string | undefined =>
    expected === undefined || expected === null || is === expected
      ? undefined
      : `${what} is ${is ?? contentNote ?? 'not known'}, the manifest says ${expected}`;
  return (
    differs('its length', bytes, artifact.bytes) ??
    differs('its SHA-256', sha256, artifact.sha256) ??
    differs("its content's length", contentBytes, artifact.contentBytes) ??
    differs("its content's SHA-256", contentSha256, artifact.contentSha256) ??
    (script ? differs('its exit code', scriptFields(script).exitCode, artifact.exitCode) : undefined)
  );
}
