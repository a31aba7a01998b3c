import { z } from 'zod';
import { bytes, instant, link, sha256 } from './view-fields.ts';

export const ArtifactView = z
  .object({
    artifactId: z.string(),
    taskId: z.string(),
    index: z.int().nonnegative().meta({ description: "The command's index" }),
    blobName: z.string().meta({ description: 'Path in the evidence container' }),
    bytes: bytes('Size as stored'),
    sha256: sha256('Of the bytes as stored'),
    contentBytes: bytes('Size of the file itself: GetFile results are stored gzipped, as they came').nullable(),
    contentSha256: sha256('Of the file itself').nullable(),
    exitCode: z.int().nullable().meta({ description: "A script's exit code, where its result tells it" }),
    archivedAt: instant('When it was stored'),
  })
  .meta({ id: 'Artifact', description: 'The stored result of one command' });
export type ArtifactView = z.infer<typeof ArtifactView>;

export const ArtifactPage = z
  .object({ value: z.array(ArtifactView), nextLink: link('The next page').optional() })
  .meta({ id: 'ArtifactPage', description: 'Artifacts of a collection' });
export type ArtifactPage = z.infer<typeof ArtifactPage>;

export const ArtifactLink = z
  .object({ url: link('Into durable storage, short-lived: a secret'), expiresAt: instant('When the link ends') })
  .meta({ id: 'ArtifactLink', description: 'Where one artifact can be fetched' });
export type ArtifactLink = z.infer<typeof ArtifactLink>;
