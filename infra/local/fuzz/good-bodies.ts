import fc from 'fast-check';

type Json = Record<string, unknown>;

const oneOf = fc.constantFrom<string[]>;
const hex = (unit: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...unit), minLength: length, maxLength: length });

const machineId = fc.oneof(hex('0123456789abcdef', 40), hex('0123456789ABCDEF', 40));
const name = oneOf(
  'ws01',
  'ws01.contoso.com',
  'WS01.CONTOSO.COM',
  'bücher-pc.example',
  'a_b',
  '機械',
  `${'x'.repeat(63)}.y`,
);
const instant = oneOf('2026-03-01T10:00:00Z', '2026-03-01T12:00:00.1234567+02:00', '2026-02-28T23:59:59-11:00');

const target: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ machineId }),
  fc.record({ computerDnsName: name }),
  fc.record({
    aadDeviceId: fc.oneof(
      fc.uuid(),
      fc.uuid().map((id) => id.toUpperCase()),
    ),
  }),
  fc.record({ ipAddress: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('FE80::1')), at: instant }),
  fc.record({ machineTag: oneOf('finance', 'a b', '<&>', "o'hare", '😀') }),
);

/** The three spellings of a Sentinel host, and what is none. */
const entity: fc.Arbitrary<Json> = fc.oneof(
  name.map((hostName) => ({ kind: 'Host', properties: { hostName, dnsDomain: 'contoso.com' } })),
  name.map((HostName) => ({ HostName })),
  name.map((HostName) => ({ $id: '1', Type: 'host', HostName })),
  machineId.map((MdatpDeviceId) => ({ kind: 'host', properties: { additionalData: { MdatpDeviceId } } })),
);

const putFile = fc.record({ type: fc.constant('PutFile'), fileName: oneOf('tool.exe', 'a', 'A_1-2.ps1') });
const runScript = fc.record(
  {
    type: fc.constant('RunScript'),
    scriptName: oneOf('collect.ps1', 'x.sh'),
    args: oneOf('', '-Deep', '-p "a b"\t\n', "'; drop", '\u202e-x', 'ü'.repeat(4000)),
  },
  { requiredKeys: ['type', 'scriptName'] },
);
const getFile = fc.record({
  type: fc.constant('GetFile'),
  path: oneOf('C:\\a.zip', '/tmp/a', 'C:\\Program Files\\ä ö\\x.log', `C:\\${'d\\'.repeat(100)}f`),
});

/** Mostly in Defender's order, but for a PutFile that stands late and may move ahead. */
const commands = fc
  .tuple(
    fc.array(putFile, { maxLength: 2 }),
    fc.array(runScript, { maxLength: 3 }),
    fc.array(getFile, { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([puts, runs, gets, late]) => (late ? [...runs, ...gets, ...puts] : [...puts, ...runs, ...gets]))
  .filter((all) => all.length > 0);

const comment = fc.oneof(
  oneOf('why', '', 'a\r\nb\tc', '"quoted" \\ back', 'x'.repeat(1000), '😀'.repeat(500), '__proto__', ' spaced '),
  fc.string({ unit: 'grapheme-composite', maxLength: 60 }),
);

/** Requests as callers write them: nearly all of them are accepted, and use every field that there is. */
export const goodBody: fc.Arbitrary<Json> = fc
  .record(
    {
      requestId: fc.oneof(fc.uuid(), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })),
      commands,
      comment,
      caseId: fc.oneof(
        oneOf('INC-1', 'a/b\\c#?%', '..', 'ß', ' x'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      ),
      priority: oneOf('urgent', 'normal', 'bulk'),
      expiresAt: oneOf('2026-03-03T00:00:00Z', '2026-03-30T23:00:00.5+05:30', '2026-03-02T20:00:00Z'),
      callbackUrl: oneOf('https://prod.logic.azure.com/x?sig=y', 'https://a.azurewebsites.net/%20?q=ü#f'),
    },
    { requiredKeys: ['commands'] },
  )
  .chain((body) =>
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.array(target, { minLength: 1, maxLength: 5 }).map((targets) => ({ ...body, targets })),
      },
      {
        weight: 2,
        arbitrary: fc.array(entity, { minLength: 1, maxLength: 4 }).map((entities) => ({ ...body, entities })),
      },
    ),
  );
