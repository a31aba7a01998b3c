import { TableClient } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';
import {
  allowConditionalRemovals,
  removal,
  withRemovals,
} from '../../../../shared/adapters/storage/conditional-removals.ts';

/** The transaction as it would go over the wire. */
async function sentBody(actions: Parameters<TableClient['submitTransaction']>[0]): Promise<string> {
  let body = '';
  const table = new TableClient('https://acct.table.core.windows.net', 'work', {
    httpClient: {
      sendRequest: async (request) => {
        body = String(request.body);
        return { request, status: 202, headers: request.headers };
      },
    },
  });
  allowConditionalRemovals(table);
  await table.submitTransaction(actions);
  return body;
}

describe('conditional removals', () => {
  it('go out as a DELETE with the version that they name', async () => {
    const body = await sentBody([
      ['create', { partitionKey: 'p', rowKey: 'new' }],
      removal('p', 'a|1', 'W/"one"'),
      removal('p', 'b', 'W/"two"'),
      ['delete', { partitionKey: 'p', rowKey: 'any' }],
    ]);
    const parts = body.split('--changeset_').map((part) => part.split('\r\n'));
    const requests = parts.map((lines) => lines.filter((line) => /^(POST|PUT|DELETE|If-Match|\{)/.test(line)));
    const address = (row: string) =>
      expect.stringContaining(`DELETE https://acct.table.core.windows.net/work(PartitionKey='p',RowKey='${row}')`);
    expect(requests.filter((lines) => lines.length > 0)).toEqual([
      [expect.stringContaining('POST '), '{"PartitionKey":"p","RowKey":"new"}'],
      [address('a%7C1'), 'If-Match: W/"one"'],
      [address('b'), 'If-Match: W/"two"'],
      [address('any'), 'If-Match: *'],
    ]);
  });

  it('leave other transactions as they are, whatever their texts say', async () => {
    const [, marked] = removal('p', 'a', 'W/"one"');
    const text = `PUT --changeset_ ${JSON.stringify(marked)}`;
    const body = await sentBody([['create', { partitionKey: 'p', rowKey: 'new', text }]]);
    expect(withRemovals(body)).toBe(body);
  });

  it('are never stored as rows: a transaction of another shape is not sent', async () => {
    const [, entity] = removal('p', 'a', 'W/"one"');
    expect(() => withRemovals(`PATCH /work\r\n\r\n${JSON.stringify(entity)}`)).toThrow('could not be written');
  });
});
