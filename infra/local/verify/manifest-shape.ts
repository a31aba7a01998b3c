import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in lowercase hex');
const bytes = z.int().min(0);

const Artifact = z.object({
  artifactId: z.string(),
  blobName: z.string(),
  bytes,
  sha256,
  contentBytes: bytes.nullish(),
  contentSha256: sha256.nullish(),
  exitCode: z.int().nullish(),
});

const ManifestTask = z.object({
  taskId: z.string(),
  state: z.string(),
  commands: z.array(
    z.object({ index: z.int().min(0), type: z.string(), state: z.string(), artifact: Artifact.nullish() }),
  ),
});

/** What the check needs of a manifest. Other fields are its own business: newer versions may have more of them. */
export const Manifest = z.object({
  schemaVersion: z.literal(1),
  software: z.object({ name: z.string(), version: z.string() }),
  collection: z.object({
    collectionId: z.string().min(1),
    caseId: z.string().nullish(),
    counts: z.record(z.string(), z.int()),
    tasks: z.array(ManifestTask),
  }),
});

export type Manifest = z.infer<typeof Manifest>;
export type ManifestArtifact = z.infer<typeof Artifact>;
