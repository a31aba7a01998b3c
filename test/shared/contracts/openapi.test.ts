import SwaggerParser from '@apidevtools/swagger-parser';
import { describe, expect, it } from 'vitest';
import { API_ERRORS } from '../../../shared/contracts/errors.ts';
import { openApiDocument } from '../../../shared/contracts/openapi.ts';
import { REQUEST_FIELDS } from '../../../shared/domain/request/collection-request.ts';

const document = openApiDocument({ version: '1.2.3', serverUrl: 'https://holdfast.contoso.com/' });
const copy = () => JSON.parse(JSON.stringify(document));

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    await expect(SwaggerParser.validate(copy())).resolves.toBeDefined();
  });

  it('names the version and where the API lies', () => {
    expect(document.info.version).toBe('1.2.3');
    expect(document.servers).toEqual([{ url: 'https://holdfast.contoso.com/api' }]);
  });

  it('covers every call of the contract', () => {
    const calls = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.keys(item ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(calls.sort()).toEqual(
      [
        'POST /collections',
        'GET /collections',
        'DELETE /collections',
        'GET /collections/{collectionId}',
        'DELETE /collections/{collectionId}',
        'GET /collections/{collectionId}/tasks',
        'POST /collections/{collectionId}/cancel',
        'GET /operations/{collectionId}',
        'GET /collections/{collectionId}/artifacts',
        'GET /collections/{collectionId}/artifacts/{artifactId}/link',
        'GET /collections/{collectionId}/manifest',
        'GET /collections/{collectionId}/custody',
        'GET /capacity',
        'GET /health',
        'GET /openapi.json',
      ].sort(),
    );
  });

  it('shows every field of the request, each with a description', () => {
    const request = copy().components.schemas.CollectionRequest;
    expect(Object.keys(request.properties)).toEqual([...REQUEST_FIELDS]);
    expect(request.additionalProperties).toBe(false);
  });

  it('lets answers gain fields', () => {
    const { Task, Collection, CollectionRequest } = copy().components.schemas;
    for (const answer of [Task, Collection]) expect(answer).not.toHaveProperty('additionalProperties');
    expect(CollectionRequest).toHaveProperty('additionalProperties', false);
  });

  it('tells of every error code somewhere', () => {
    const text = JSON.stringify(document);
    for (const code of Object.keys(API_ERRORS)) expect(text).toContain(`${code}: `);
  });

  it('gives every operation a name of its own, a summary and a tag', () => {
    const operations = Object.values<Record<string, { operationId: string; summary: string; tags: string[] }>>(
      copy().paths,
    ).flatMap((item) => Object.values(item));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { summary, tags } of operations)
      expect([summary, tags]).toEqual([expect.any(String), [expect.any(String)]]);
  });
});
