import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { ArtifactLink, ArtifactPage } from './artifact-view.ts';
import { CustodyPage } from './custody-event.ts';
import { ManifestView } from './manifest-view.ts';
import { CollectionIdPath, errors, json, PageQuery } from './openapi-parts.ts';

/** What was collected, and the record of custody. */
export const EVIDENCE_PATHS: ZodOpenApiPathsObject = {
  '/collections/{collectionId}/artifacts': {
    get: {
      operationId: 'listArtifacts',
      summary: 'List the artifacts of a collection',
      tags: ['Evidence'],
      requestParams: { path: CollectionIdPath, query: PageQuery },
      responses: { '200': json('One page', ArtifactPage), ...errors('InvalidRequest', 'CollectionNotFound') },
    },
  },
  '/collections/{collectionId}/artifacts/{artifactId}/link': {
    get: {
      operationId: 'getArtifactLink',
      summary: 'Get a short-lived link to an artifact',
      description: 'Into durable storage. The link is a secret, and its issue is recorded.',
      tags: ['Evidence'],
      requestParams: {
        path: CollectionIdPath.extend({
          artifactId: z.string().meta({ description: "The artifact's id" }),
        }),
      },
      responses: { '200': json('The link', ArtifactLink), ...errors('CollectionNotFound', 'ArtifactNotFound') },
    },
  },
  '/collections/{collectionId}/manifest': {
    get: {
      operationId: 'getManifest',
      summary: 'Read the manifest of a collection',
      tags: ['Evidence'],
      requestParams: { path: CollectionIdPath },
      responses: {
        '200': json('The manifest as it was stored', ManifestView),
        ...errors('CollectionNotFound', 'CollectionNotEnded'),
      },
    },
  },
  '/collections/{collectionId}/custody': {
    get: {
      operationId: 'listCustodyEvents',
      summary: 'Read the record of custody, oldest first',
      tags: ['Evidence'],
      requestParams: { path: CollectionIdPath, query: PageQuery },
      responses: { '200': json('One page', CustodyPage), ...errors('InvalidRequest', 'CollectionNotFound') },
    },
  },
};
