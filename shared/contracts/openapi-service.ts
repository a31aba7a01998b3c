import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { errors, json } from './openapi-parts.ts';
import { CapacityView, HealthView } from './service-views.ts';

const OpenApiView = z.looseObject({ openapi: z.string() }).meta({ description: 'An OpenAPI 3.1 document' });

/** What the service says of itself. */
export const SERVICE_PATHS: ZodOpenApiPathsObject = {
  '/capacity': {
    get: {
      operationId: 'getCapacity',
      summary: "Read what is left of Defender's limits",
      tags: ['Service'],
      responses: { '200': json('Capacity now', CapacityView), ...errors() },
    },
  },
  '/health': {
    get: {
      operationId: 'getHealth',
      summary: 'Ask whether Holdfast works',
      description: 'Needs no key.',
      tags: ['Service'],
      security: [{}],
      responses: {
        '200': json('The state storage can be reached; the fields tell of the rest', HealthView),
        '503': json('The state storage cannot be reached', HealthView),
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'getOpenApi',
      summary: 'Read this document',
      tags: ['Service'],
      security: [{}],
      responses: { '200': json('The contract', OpenApiView) },
    },
  },
};
