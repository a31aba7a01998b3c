import { type CreateDocumentOptions, createDocument, type ZodOpenApiObject } from 'zod-openapi';
import { COLLECTION_PATHS } from './openapi-collections.ts';
import { EVIDENCE_PATHS } from './openapi-evidence.ts';
import { SERVICE_PATHS } from './openapi-service.ts';

/**
 * The outside contract as OpenAPI 3.1, generated from the schemas that check requests and shape answers.
 * @param serverUrl where `/api` lies, for example `https://holdfast.contoso.com`
 */
export function openApiDocument(about: { readonly version: string; readonly serverUrl: string }) {
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: about.version,
      description:
        'Collects endpoint evidence through Microsoft Defender for Endpoint Live Response and holds it fast in durable storage.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${about.serverUrl.replace(/\/+$/, '')}/api` }],
    security: [{ functionKey: [] }, { entra: [] }],
    tags: [
      { name: 'Collections', description: 'Ask for evidence, follow it, stop it' },
      { name: 'Evidence', description: 'What was collected, and the record of custody' },
      { name: 'Service', description: 'Capacity and health' },
    ],
    paths: { ...COLLECTION_PATHS, ...EVIDENCE_PATHS, ...SERVICE_PATHS },
    components: {
      securitySchemes: {
        functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key', description: 'With AUTH_MODE key' },
        entra: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'With AUTH_MODE entra' },
      },
    },
  };
  return createDocument(document, { override: leaveAnswersOpen });
}

/** Answers may gain fields, so nobody is told that theirs are all there are. What is strict by itself stays so. */
const leaveAnswersOpen: NonNullable<CreateDocumentOptions['override']> = ({ jsonSchema, zodSchema, io }) => {
  const { def } = zodSchema._zod;
  if (io === 'output' && def.type === 'object' && !('catchall' in def && def.catchall)) {
    delete jsonSchema.additionalProperties;
  }
};
