import fc from 'fast-check';
import { goodBody } from '../good-bodies.ts';
import { damaged, oddMessage } from '../odd-bodies.ts';
import { type OddRequest, oddRequests } from '../odd-requests.ts';

/** A request over HTTP, or a text in the intake queue. */
export type TwinCase = { kind: 'http'; request: OddRequest } | { kind: 'message'; text: string };

const JSON_TYPE = { 'Content-Type': 'application/json' };

const submit = (body: fc.Arbitrary<string>, key: fc.Arbitrary<string | undefined>): fc.Arbitrary<TwinCase> =>
  fc.tuple(body, key).map(([text, id]) => ({
    kind: 'http',
    request: {
      method: 'POST',
      path: '/api/collections',
      headers: id === undefined ? JSON_TYPE : { ...JSON_TYPE, 'Idempotency-Key': id },
      body: Buffer.from(text),
    },
  }));

const key: fc.Arbitrary<string | undefined> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: fc.constantFrom('k', 'x'.repeat(128), 'x'.repeat(129)) },
);
const good = goodBody.map((body) => JSON.stringify(body));
const nearlyGood = damaged(goodBody);

const message = (text: fc.Arbitrary<string>): fc.Arbitrary<TwinCase> =>
  fc
    .tuple(text, fc.boolean())
    .map(([plain, base64]) => ({ kind: 'message', text: base64 ? Buffer.from(plain).toString('base64') : plain }));

/**
 * Good requests, slightly damaged ones, and garbage, by HTTP and queue.
 * @param knownId of a collection that there is
 */
export function twinCases(knownId: string): fc.Arbitrary<TwinCase> {
  return fc.oneof(
    { weight: 4, arbitrary: submit(good, key) },
    { weight: 6, arbitrary: submit(nearlyGood, key) },
    { weight: 8, arbitrary: oddRequests(knownId).map((request): TwinCase => ({ kind: 'http', request })) },
    { weight: 1, arbitrary: message(good) },
    { weight: 1, arbitrary: message(nearlyGood) },
    { weight: 1, arbitrary: oddMessage.map((text): TwinCase => ({ kind: 'message', text: text.toWellFormed() })) },
  );
}
