import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { CancelBody } from './cancel-request.ts';
import { CollectionRequestBody } from './collection-request.ts';
import { CollectionPage, CollectionView } from './collection-view.ts';
import { RequestId } from './field-schemas.ts';
import { LIST_QUERY } from './list-query.ts';
import { AcceptedHeaders, CollectionIdPath, errors, json, PageQuery } from './openapi-parts.ts';
import { EndedOperation, OpenOperation } from './operation-view.ts';
import { TaskPage } from './task-view.ts';

const ACCEPTED = json('Accepted: follow Location until it answers 200', CollectionView, AcceptedHeaders);

/** By reference: what we send is written as an answer, though OpenAPI counts a callback's body among requests. */
const CALLBACK = {
  description: 'Sent at least once, with the same eventId each time',
  type: 'object' as const,
  allOf: [
    { $ref: '#/components/schemas/EndedOperation' },
    { type: 'object' as const, properties: { eventId: { type: 'string' as const } }, required: ['eventId'] },
  ],
};

/** Ask for evidence, follow it, stop it. */
export const COLLECTION_PATHS: ZodOpenApiPathsObject = {
  '/collections': {
    post: {
      operationId: 'submitCollection',
      summary: 'Collect evidence from devices',
      description: 'Answers at once. The same requestId and body again give the same collection.',
      tags: ['Collections'],
      requestParams: {
        header: z.object({ 'Idempotency-Key': RequestId.optional().meta({ description: 'Instead of requestId' }) }),
      },
      requestBody: { required: true, content: { 'application/json': { schema: CollectionRequestBody } } },
      responses: { '202': ACCEPTED, ...errors('InvalidRequest', 'RequestIdReused', 'BodyTooLarge') },
      callbacks: {
        ended: {
          '{$request.body#/callbackUrl}': {
            post: {
              summary: 'The collection has ended',
              requestBody: { required: true, content: { 'application/json': { schema: CALLBACK } } },
              responses: { '2XX': { description: 'Received' } },
            },
          },
        },
      },
    },
    get: {
      operationId: 'listCollections',
      summary: 'List collections, newest first',
      tags: ['Collections'],
      requestParams: { query: z.object(LIST_QUERY) },
      responses: { '200': json('One page', CollectionPage), ...errors('InvalidRequest') },
    },
    delete: {
      operationId: 'unsubscribeByRequestId',
      summary: 'Cancel the collection of a requestId',
      description: 'What a webhook calls to unsubscribe. Means the same as cancel, also after the end.',
      tags: ['Collections'],
      requestParams: { query: z.object({ requestId: RequestId }) },
      responses: { '202': ACCEPTED, ...errors('InvalidRequest', 'CollectionNotFound') },
    },
  },
  '/collections/{collectionId}': {
    get: {
      operationId: 'getCollection',
      summary: 'Read a collection',
      tags: ['Collections'],
      requestParams: { path: CollectionIdPath },
      responses: { '200': json('The collection, however far it is', CollectionView), ...errors('CollectionNotFound') },
    },
    delete: {
      operationId: 'unsubscribe',
      summary: 'Cancel a collection',
      description: 'What a webhook calls to unsubscribe. Means the same as cancel, also after the end.',
      tags: ['Collections'],
      requestParams: { path: CollectionIdPath },
      responses: { '202': ACCEPTED, ...errors('CollectionNotFound') },
    },
  },
  '/collections/{collectionId}/tasks': {
    get: {
      operationId: 'listTasks',
      summary: 'Read the tasks of a collection',
      description: 'Where tasksNextLink leads.',
      tags: ['Collections'],
      requestParams: { path: CollectionIdPath, query: PageQuery },
      responses: { '200': json('One page', TaskPage), ...errors('InvalidRequest', 'CollectionNotFound') },
    },
  },
  '/collections/{collectionId}/cancel': {
    post: {
      operationId: 'cancelCollection',
      summary: 'Cancel a collection',
      description: 'What is archived stays archived. Again: the same answer.',
      tags: ['Collections'],
      requestParams: { path: CollectionIdPath },
      requestBody: { required: false, content: { 'application/json': { schema: CancelBody } } },
      responses: { '202': ACCEPTED, ...errors('InvalidRequest', 'CollectionNotFound', 'BodyTooLarge') },
    },
  },
  '/operations/{collectionId}': {
    get: {
      operationId: 'getOperation',
      summary: 'Follow a collection to its end',
      description: 'The token of Location is enough; without it, in entra mode, a caller who may read is answered too.',
      tags: ['Collections'],
      security: [{}, { entra: [] }],
      requestParams: {
        path: CollectionIdPath,
        query: z.object({ op: z.string().optional().meta({ description: 'The token of Location' }) }),
      },
      responses: {
        '200': json('Ended, failure included', EndedOperation),
        '202': json('Not yet: ask again after Retry-After', OpenOperation, AcceptedHeaders),
        ...errors('OperationNotFound'),
      },
    },
  },
};
