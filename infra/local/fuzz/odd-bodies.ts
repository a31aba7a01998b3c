import fc from 'fast-check';
import { oddText, oddValue } from './odd-values.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const machineId = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 });

const target: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ machineId }),
  fc.record({ computerDnsName: fc.constantFrom('ws01', 'ws01.contoso.com', 'WS01.CONTOSO.COM') }),
  fc.record({ aadDeviceId: fc.uuid() }),
  fc.record({ ipAddress: fc.ipV4(), at: fc.constant('2026-11-24T10:00:00Z') }),
  fc.record({ machineTag: fc.constantFrom('finance', 'nobody') }),
);

const command: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ type: fc.constant('GetFile'), path: fc.constantFrom('C:\\a.zip', '/tmp/a') }),
  fc.record({ type: fc.constant('RunScript'), scriptName: fc.constant('collect.ps1'), args: fc.constant('-Deep') }),
  fc.record({ type: fc.constant('PutFile'), fileName: fc.constant('tool.exe') }),
);

const hosts = fc.constant([{ kind: 'Host', properties: { hostName: 'ws01', dnsDomain: 'contoso.com' } }]);

/** Requests that are good, or nearly: what is mutated from them comes deep into the rules. */
const nearlyGood: fc.Arbitrary<Json> = fc
  .record(
    {
      requestId: fc.uuid(),
      commands: fc.array(command, { minLength: 1, maxLength: 3 }),
      comment: fc.constant('why'),
      caseId: fc.constant('INC-FUZZ'),
      priority: fc.constantFrom('urgent', 'normal', 'bulk'),
      callbackUrl: fc.constant('https://prod.logic.azure.com/x?sig=y'),
    },
    { requiredKeys: ['commands'] },
  )
  .chain((body) =>
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.array(target, { minLength: 1, maxLength: 3 }).map((targets) => ({ ...body, targets })),
      },
      { weight: 2, arbitrary: hosts.map((entities) => ({ ...body, entities })) },
      { weight: 1, arbitrary: fc.constant({ ...body, recipe: { name: 'windows-triage', parameters: {} } }) },
    ),
  );

/** Only objects are mutated further; what has become something else stays. */
type Mutation = (body: Json) => unknown;

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(), oddValue).map(
    ([which, deep, value]): Mutation =>
      (body) =>
        withValue(body, which, deep, value),
  ),
  fc.tuple(oddText, oddValue).map(
    ([name, value]): Mutation =>
      (body) => ({ ...body, [name]: value }),
  ),
  fc.nat().map(
    (which): Mutation =>
      (body) =>
        Object.fromEntries(Object.entries(body).filter((_, at, all) => at !== which % all.length)),
  ),
);

/** A copy with one value replaced: the whole, or one at most four steps deep. */
function withValue(node: unknown, which: number, deep: number, value: unknown): unknown {
  if (typeof node !== 'object' || node === null || deep % 5 === 4) return value;
  const entries = Object.entries(node);
  if (entries.length === 0) return value;
  const at = which % entries.length;
  const changed = entries.map(([key, old], i) => [key, i === at ? withValue(old, which >> 3, deep + 1, value) : old]);
  return Array.isArray(node) ? changed.map(([, item]) => item) : Object.fromEntries(changed);
}

/** Texts of bodies with up to three mutations each, often with none. */
export const damaged = (good: fc.Arbitrary<Json>): fc.Arbitrary<string> =>
  fc
    .tuple(good, fc.array(mutation, { maxLength: 3 }))
    .map(([body, mutations]) =>
      JSON.stringify(mutations.reduce<unknown>((left, mutate) => (isObject(left) ? mutate(left) : left), body)),
    );

const mutated = damaged(nearlyGood);

const withTwoOf = nearlyGood.map((body) => JSON.stringify(body).replace('{', '{"priority":"bulk","targets":7,'));

const broken = fc.tuple(nearlyGood, fc.nat(), oddText).map(
  ([body, at, text]) =>
    JSON.stringify(body)
      .replace(/^/, '\ufeff')
      .slice(at % 3, -1 - (at % 40)) + text,
);

const nested = fc
  .tuple(fc.constantFrom('[', '{"a":', '{"entities":[', '{"targets":['), fc.constantFrom(70, 5_000, 20_000))
  .map(([piece, depth]) => piece.repeat(depth));

const closedNest = fc
  .constantFrom(60, 70, 5_000)
  .map((depth) => `{"entities":${'['.repeat(depth)}${']'.repeat(depth)}}`);

const huge = fc.constantFrom(
  JSON.stringify({ comment: 'x'.repeat(300_000) }),
  ' '.repeat(262_145),
  JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, i]))),
  `{"targets":[${'{},'.repeat(80_000)}{}]}`,
  `{"comment":"${'\\u0000'.repeat(40_000)}"}`,
  `{"priority":${'9'.repeat(200_000)}}`,
);

/** Bodies as bytes: good ones, bad ones, and what is no JSON or no text at all. */
export const oddBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 12, arbitrary: mutated.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: broken.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: withTwoOf.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: nested.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: closedNest.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: huge.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: nearlyGood.map((body) => Buffer.from(JSON.stringify(body), 'utf16le')) },
);

/**
 * What a queue message can carry: text, and base64 of anything. Not nested so deeply that the Functions library itself gives
 * up (it reads every text that is JSON): such a message is set aside too, but only after all its tries.
 */
export const oddMessage: fc.Arbitrary<string> = oddBody
  .filter((body) => body.length < 40_000 && !body.includes('['.repeat(100)))
  .chain((body) => fc.constantFrom(body.toString('base64'), body.toString('utf8')));
