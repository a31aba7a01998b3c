import fc from 'fast-check';

/** A value as no documentation foresees it; `undefined` leaves a field out. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 31,
    2 ** 53,
    1e308,
    -1e308,
    '',
    ' ',
    'NaN',
    '1e400',
    'Exploded',
    'succeeded',
    'TIMEOUT',
    '\0',
    '\ud800',
    '../..',
    "' or 1 eq 1",
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.9999999Z',
    '2026-02-30T25:61:61Z',
    '/Date(1700000000000)/',
    'Tue, 02 Mar 2026 08:00:00 GMT',
    [],
    {},
    [[]],
    [null],
    { value: null },
    { __proto__: null, toString: 1 },
    'x'.repeat(1_048_576),
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

export type Mutation = (body: unknown) => unknown;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces one value, at most six steps deep. */
const replacement = fc.tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), hostileValue).map(
  ([path, value]): Mutation =>
    (body) =>
      replaced(body, path, value),
);

function replaced(node: unknown, [step, ...path]: number[], value: unknown): unknown {
  if (step === undefined || typeof node !== 'object' || node === null) return value;
  const entries = Object.entries(node);
  if (entries.length === 0) return value;
  const at = step % entries.length;
  const changed = entries.map(([key, old], i): [string, unknown] => [key, i === at ? replaced(old, path, value) : old]);
  return Array.isArray(node) ? changed.map(([, item]) => item) : Object.fromEntries(changed);
}

/** Keys and words in another letter case, everywhere. */
const recased = fc.constantFrom('toUpperCase', 'toLowerCase').map((way): Mutation => {
  const change = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(change);
    if (typeof value === 'string') return value[way]();
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key[way](), change(field)]));
  };
  return change;
});

const wrapped = fc
  .constantFrom<Mutation>(
    (body) => [body],
    (body) => ({ value: body }),
    (body) => ({ value: [body, body, null, 'x', [body]] }),
    (body) => JSON.stringify(body),
    (body) => (Array.isArray(body) ? Object.fromEntries(Object.entries(body)) : [body]),
    (body) => (isObject(body) ? { ...body, ['__proto__']: { admin: true }, constructor: null } : body),
    (body) => (isObject(body) && Array.isArray(body.value) ? { ...body, value: [...body.value, ...body.value] } : body),
  )
  .map((mutation): Mutation => mutation);

export const mutation: fc.Arbitrary<Mutation> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: replacement },
      { weight: 1, arbitrary: recased },
      { weight: 1, arbitrary: wrapped },
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((all) => (body) => all.reduce((left, mutate) => mutate(left), body));

/** What becomes of the text on the wire. */
const spoiling = fc.oneof(
  { weight: 12, arbitrary: fc.constant((text: string) => text) },
  { weight: 1, arbitrary: fc.nat().map((at) => (text: string) => text.slice(0, at % (text.length + 1))) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('[', '{"a":')
      .map(
        (open) => (text: string) =>
          text.replaceAll('[]', () => `[${open.repeat(20_000)}1${(open === '[' ? ']' : '}').repeat(20_000)}]`),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      (text: string) => `\ufeff${text}`,
      (text: string) => `${text}${text}`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        '',
        ' ',
        'null',
        '<html><body>502 Bad Gateway</body></html>',
        'NaN',
        '['.repeat(100_000),
        '{"value":[',
        '{"a":'.repeat(50_000),
        '\0',
      )
      .map((text) => () => text),
  },
);

/** The text of an answer, made from a good one. */
export const hostileText = (good: unknown): fc.Arbitrary<string> =>
  fc.tuple(mutation, spoiling).map(([mutate, spoil]) => spoil(JSON.stringify(mutate(good)) ?? ''));
