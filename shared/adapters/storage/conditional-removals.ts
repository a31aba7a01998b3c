import type { TableClient, TransactionAction } from '@azure/data-tables';

/** No row of ours has such a column. */
const MARK = 'holdfastRemoveThisRow';
/** As the SDK writes it. No text of a caller can look like this: its quotes are escaped. */
const MARKED = `"${MARK}":true`;

/** Removes the row only if nobody wrote it since; for transactions of a client that `allowConditionalRemovals` has seen. */
export function removal(partition: string, key: string, etag: string): TransactionAction {
  return ['update', { partitionKey: partition, rowKey: key, [MARK]: true }, 'Replace', { etag }];
}

/**
 * The service can delete a row conditionally within a transaction, the SDK's `delete` action cannot (13.3 sends
 * `If-Match: *` whatever it is given). So such a removal travels as a marked update, which carries its etag, and becomes
 * a DELETE just before it is sent.
 */
export function allowConditionalRemovals(table: TableClient): void {
  table.pipeline.removePolicy({ name: MARK });
  const policy: Parameters<typeof table.pipeline.addPolicy>[0] = {
    name: MARK,
    sendRequest(request, next) {
      if (typeof request.body === 'string' && request.body.includes(MARKED)) request.body = withRemovals(request.body);
      return next(request);
    },
  };
  // Before the request is signed: that policy also counts the bytes of the body.
  table.pipeline.addPolicy(policy, { phase: 'Serialize' });
}

/** @throws Error rather than let a mark be stored as a row */
export function withRemovals(batch: string): string {
  const body = batch
    .split(/(?=--changeset_)/)
    .map((part) => (part.includes(MARKED) ? asDelete(part) : part))
    .join('');
  if (body.includes(MARKED)) throw new Error('a conditional removal could not be written into the transaction');
  return body;
}

/** Keeps the request line's address and the headers that a DELETE has; drops the body and what describes it. */
function asDelete(part: string): string {
  const lines = part.split('\r\n');
  const request = lines.findIndex((line) => line.startsWith('PUT '));
  if (request < 0) return part;
  const headers = lines.slice(request + 1).filter((line) => /^(accept|dataserviceversion|if-match):/i.test(line));
  const line = (lines[request] ?? '').replace(/^PUT /, 'DELETE ');
  return [...lines.slice(0, request), line, ...headers, '', '', ''].join('\r\n');
}
