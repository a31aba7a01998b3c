import { describe, expect, it } from 'vitest';
import { baseUrl, nextLink, operationLocation, tasksLink } from '../../../functions/http/links.ts';
import { isOperationToken } from '../../../shared/use-cases/operation-token.ts';
import { aHoldfast, aRequest } from './holdfast.ts';

const HERE = 'https://holdfast.azurewebsites.net/api/collections';
const PUBLIC = { PUBLIC_BASE_URL: 'https://evidence.contoso.com' };

describe('links in answers', () => {
  it('begin with scheme and host of the request', () => {
    expect(baseUrl(aHoldfast(), aRequest(HERE))).toBe('https://holdfast.azurewebsites.net/api');
    expect(baseUrl(aHoldfast(), aRequest('http://127.0.0.1:7071/api/x'))).toBe('http://127.0.0.1:7071/api');
  });

  it('begin with the public address where one is set', () => {
    expect(baseUrl(aHoldfast(PUBLIC), aRequest(HERE))).toBe('https://evidence.contoso.com/api');
  });

  it('lead to the operation with a token that is good for it alone', async () => {
    const holdfast = aHoldfast(PUBLIC);
    const location = new URL(await operationLocation(holdfast, aRequest(HERE), 'c1'));
    expect(location.origin + location.pathname).toBe('https://evidence.contoso.com/api/operations/c1');
    const token = location.searchParams.get('op') ?? '';
    expect(await isOperationToken(holdfast.deps.secrets, 'c1', token)).toBe(true);
    expect(await isOperationToken(holdfast.deps.secrets, 'c2', token)).toBe(false);
    expect(await isOperationToken(holdfast.deps.secrets, 'c1', `${token}x`)).toBe(false);
    expect(await isOperationToken(holdfast.deps.secrets, 'c1', '')).toBe(false);
  });

  it('carry a continuation unchanged, whatever is in it', () => {
    const link = new URL(tasksLink(aHoldfast(), aRequest(HERE), 'c1', 'a b+c/=&?#'));
    expect(link.pathname).toBe('/api/collections/c1/tasks');
    expect(link.searchParams.get('continuationToken')).toBe('a b+c/=&?#');
  });
});

describe('the link to the next page', () => {
  it('leads there however its caller wrote the route', () => {
    const request = aRequest(`${HERE.replace('/api/', '/API/')}?top=5`);
    expect(new URL(nextLink(aHoldfast(), request, 'new')).pathname).toBe('/api/collections');
  });

  it('keeps the filters and replaces the continuation', () => {
    const request = aRequest(`${HERE}?caseId=INC%207&top=5&continuationToken=old`);
    const link = new URL(nextLink(aHoldfast(), request, 'new'));
    expect(link.origin + link.pathname).toBe(HERE);
    expect([...link.searchParams]).toEqual([
      ['caseId', 'INC 7'],
      ['top', '5'],
      ['continuationToken', 'new'],
    ]);
  });

  it('drops a function key', () => {
    expect(nextLink(aHoldfast(), aRequest(`${HERE}?code=SECRETKEY&top=5`), 'new')).not.toContain('SECRET');
  });

  it('keeps its path under the public address', () => {
    const link = nextLink(aHoldfast(PUBLIC), aRequest(`${HERE}/c1/custody?top=5`), 'new');
    expect(link).toBe('https://evidence.contoso.com/api/collections/c1/custody?top=5&continuationToken=new');
  });
});
