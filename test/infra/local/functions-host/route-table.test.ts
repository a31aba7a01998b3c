import { describe, expect, it } from 'vitest';
import { type Route, routeTable } from '../../../../infra/local/functions-host/route-table.ts';

const route = (template: string, ...methods: string[]): Route<string> => ({ template, methods, target: template });
const match = routeTable('api', [
  route('collections/{collectionId}', 'GET', 'DELETE'),
  route('collections/{collectionId}/artifacts/{artifactId}/link', 'GET'),
  route('collections/summary', 'GET'),
  route('collections', 'GET', 'POST'),
  route('files/{*path}', 'GET'),
  route('items/{id:int?}', 'GET'),
]);

describe('route table', () => {
  it('takes parameters from the path', () => {
    expect(match('GET', '/api/collections/c1/artifacts/a2/link')?.params).toEqual({
      collectionId: 'c1',
      artifactId: 'a2',
    });
  });

  it('prefers a literal to a parameter, whatever the order of registration', () => {
    expect(match('GET', '/api/collections/summary')?.target).toBe('collections/summary');
    expect(match('GET', '/api/collections/other')?.target).toBe('collections/{collectionId}');
  });

  it('knows no letter case in literals and keeps it in parameters', () => {
    expect(match('get', '/API/Collections/MyId')?.params).toEqual({ collectionId: 'MyId' });
  });

  it('does not find a route whose methods do not include the one asked', () => {
    expect(match('PUT', '/api/collections')).toBeUndefined();
    expect(match('DELETE', '/api/collections/summary')?.target).toBe('collections/{collectionId}');
  });

  it('leaves an absent optional parameter out', () => {
    expect(match('GET', '/api/items')?.params).toEqual({});
    expect(match('GET', '/api/items/7')?.params).toEqual({ id: '7' });
  });

  it('gives a catch-all the rest of the path', () => {
    expect(match('GET', '/api/files/a/b/c.txt')?.params).toEqual({ path: 'a/b/c.txt' });
  });

  it('decodes a parameter, except a slash that would look like two segments', () => {
    expect(match('GET', '/api/collections/a%20b%2Fc')?.params).toEqual({ collectionId: 'a b%2Fc' });
  });

  it('finds nothing outside the prefix or beyond the template', () => {
    expect(match('GET', '/collections')).toBeUndefined();
    expect(match('GET', '/api/collections/c1/unknown')).toBeUndefined();
  });
});
