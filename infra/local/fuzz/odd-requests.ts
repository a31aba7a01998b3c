import fc from 'fast-check';
import { oddBody } from './odd-bodies.ts';
import { oddText } from './odd-values.ts';

/** Node refuses head lines and headers of more than 16 KiB together, before any function sees them. */
const LONGEST_PATH = 14_000;

/** A request as it goes over the wire. `path` is sent as it is. */
export interface OddRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

const LONGEST_ID = 10_000;

/** Anything, as a path or a query may carry it. */
const encoded = oddText.map((text) => encodeURIComponent(text.toWellFormed()));

const oddId: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: encoded },
  { weight: 1, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: fc.integer({ min: 500, max: LONGEST_ID }).map((n) => 'a'.repeat(n)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '%2F',
      'a%2Fb',
      '%2e%2e',
      '%2E%2E%2Fh',
      '%5C',
      '%23',
      '%3F',
      '%25',
      '%2525',
      '%00',
      '%0d%0aX:%20y',
      '%1f',
      '%7f',
      '%c2%85',
      '%ff',
      '%c0%af',
      '%ed%a0%80',
      '%',
      '%zz',
      '%u0041',
      '%27',
      '%27%20or%20PartitionKey%20ne%20%27',
      '%F0%9F%98%80',
      '|',
      'h',
      '~',
      ';a=b',
      'CON',
    ),
  },
);

const TEMPLATES = [
  '/api/collections/{id}',
  '/api/collections/{id}/cancel',
  '/api/collections/{id}/tasks',
  '/api/collections/{id}/artifacts',
  '/api/collections/{id}/artifacts/{artifact}/link',
  '/api/collections/{id}/manifest',
  '/api/collections/{id}/custody',
  '/api/operations/{id}',
];

function pathWith(knownId: string): fc.Arbitrary<string> {
  const id = fc.oneof(oddId, fc.constant(knownId));
  const below = fc
    .tuple(fc.constantFrom(...TEMPLATES), id, oddId)
    .map(([template, one, other]) => template.replace('{id}', () => one).replace('{artifact}', () => other));
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant('/api/collections') },
    { weight: 8, arbitrary: below },
    { weight: 1, arbitrary: fc.constantFrom('/api/capacity', '/api/openapi.json', '/api/health') },
  );
}

const PARAMETERS = [
  'caseId',
  'machineId',
  'state',
  'from',
  'to',
  'top',
  'continuationToken',
  'requestId',
  'op',
  'code',
];

const query: fc.Arbitrary<string> = fc
  .array(fc.tuple(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PARAMETERS) }, encoded), oddId), { maxLength: 4 })
  .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`));

/** Latin-1 without what would end the line: all that a header can carry. */
const headerText = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 300 })
  .map((text) => text.replace(/\x7f/g, ''));

const header: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(
    fc.constant('Content-Type'),
    fc.constantFrom('text/plain', 'multipart/form-data', 'application/json; charset=utf-16', ';;;'),
  ),
  fc.tuple(fc.constant('Content-Encoding'), fc.constantFrom('gzip', 'br', 'x')),
  fc.tuple(fc.constant('Host'), fc.constantFrom('example.com', 'a b', '[::1', 'x:99999', '')),
  fc.tuple(
    fc.constantFrom(
      'Idempotency-Key',
      'x-ms-workflow-run-id',
      'x-ms-client-tracking-id',
      'X-Forwarded-Host',
      'Authorization',
      'Accept',
      'Cookie',
      'traceparent',
    ),
    headerText,
  ),
);

const headers: fc.Arbitrary<Record<string, string>> = fc
  .array(header, { maxLength: 3 })
  .map((pairs) => ({ 'Content-Type': 'application/json', ...Object.fromEntries(pairs) }));

const method = fc.oneof(
  { weight: 4, arbitrary: fc.constant('POST') },
  { weight: 4, arbitrary: fc.constant('GET') },
  { weight: 2, arbitrary: fc.constant('DELETE') },
  { weight: 1, arbitrary: fc.constantFrom('HEAD', 'PUT', 'PATCH', 'OPTIONS') },
);

const frontDoor = fc.record({
  method: fc.constant('POST'),
  place: fc.constant('/api/collections'),
  asked: fc.constant(''),
});

/**
 * Half of them to the front door, where bodies count.
 * @param knownId id of a collection that there is: oddities beside it come further than those beside an unknown one
 */
export function oddRequests(knownId: string): fc.Arbitrary<OddRequest> {
  const anywhere = fc.record({ method, place: pathWith(knownId), asked: query });
  return fc
    .record({ line: fc.oneof(frontDoor, anywhere), headers, body: fc.option(oddBody, { nil: undefined, freq: 6 }) })
    .map(({ line: { method, place, asked }, ...rest }) => ({ ...rest, method, path: `${place}${asked}` }))
    .filter((one) => one.path.length <= LONGEST_PATH);
}
