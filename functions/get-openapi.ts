import { app } from '@azure/functions';
import { openApiDocument } from '../shared/contracts/openapi.ts';
import { SOFTWARE } from '../shared/software.ts';
import { answering } from './http/answering.ts';
import { baseUrl } from './http/links.ts';

/** A description of this interface; it tells nothing about any tenant. */
export const handler = answering(async (request, holdfast) => ({
  jsonBody: openApiDocument({
    version: SOFTWARE.version,
    serverUrl: baseUrl(holdfast, request).replace(/\/api$/, ''),
  }),
}));

app.http('get-openapi', { methods: ['GET'], authLevel: 'anonymous', route: 'openapi.json', handler });
