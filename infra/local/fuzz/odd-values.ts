import fc from 'fast-check';

/** Values that have broken parsers, stores and loggers before. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\u0000a',
    'a\r\nb',
    '\ud800',
    '\udfff\ud800',
    '\u202egpj.exe',
    '\u2028',
    '\ufeff',
    '..',
    '../../etc/passwd',
    '..\\..\\boot.ini',
    '/',
    '\\',
    '#?%',
    "' or 1 eq 1",
    '"',
    '%24{jndi:ldap://127.0.0.1}',
    '__proto__',
    'constructor',
    'toString',
    'null',
    'NaN',
    '-1',
    '1e400',
    '2026-02-30T25:61:61Z',
    '+275760-09-13T00:00:00Z',
    '0000-00-00T00:00:00Z',
    'https://user:secret@127.0.0.1/',
    'https://[::1',
    'http://169.254.169.254/metadata',
    'javascript:alert(1)',
    '999.999.999.999',
    '::ffff:127.0.0.1%eth0',
    'COM1',
    'C:\\',
    'C:\\a\0b',
    '😀'.repeat(70),
  ),
  fc.integer({ min: 1, max: 12 }).map((n) => 'x'.repeat(2 ** n)),
);

export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: oddText },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 1.5, 1e308, 2 ** 53, [], {}, [[]], [null]),
  },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.array(oddText, { maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1001, 5000)
      .map((length) => Array.from({ length }, (_, i) => ({ computerDnsName: `pc${i}` }))),
  },
);
