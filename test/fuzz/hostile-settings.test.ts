import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig, SETTINGS, type SettingDescription, SettingsError } from '../../shared/config.ts';

const NAMES = SETTINGS.map(({ name }) => name);
const SECRET_NAMES = SETTINGS.filter((setting: SettingDescription) => setting.secret).map(({ name }) => name);
/** In every value, so that an error that repeats any of it is found out. */
const MARK = 'q7Zx9Secret';

const GOOD = {
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  DEFENDER_API_URL: 'http://127.0.0.1:7072',
};

const odd = fc.constantFrom(
  MARK,
  ` ${MARK}\r\n`,
  `https://${MARK}.example/${MARK}?${MARK}#${MARK}`,
  `https://${MARK}:${MARK}@example.com/`,
  `http://${MARK}/`,
  `AccountName=${MARK};AccountKey=${MARK};BlobEndpoint=ftp://${MARK}`,
  `AccountName=a;AccountKey=${MARK};EndpointSuffix=core.windows.net`,
  `SharedAccessSignature=${MARK}`,
  `*/5 ${MARK} * * * *`,
  `.${MARK}`,
  `,${MARK},`,
  `${MARK}\0`,
);
const plain = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1',
    '1e3',
    '999999999',
    '99999999999999999999',
    '٣',
    'NaN',
    'true',
    'key',
    'entra',
    'KEY',
  ),
  fc.constantFrom(
    '* * * * * *',
    '0 0 0 31 2 *',
    '60 * * * * *',
    '*/0 * * * * *',
    '1-0 * * * * *',
    '[::1]',
    'https://[::1',
    '__proto__',
  ),
  fc.constantFrom(
    'https://api.security.microsoft.com/',
    'http://localhost:1',
    '127.0.0.1',
    '.logic.azure.com',
    'a'.repeat(70_000),
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom<string[]>(...NAMES) },
  { weight: 1, arbitrary: fc.string() },
);
const environment = fc
  .tuple(fc.boolean(), fc.dictionary(name, fc.oneof(odd, plain), { maxKeys: 12 }))
  .map(([begun, env]): Record<string, string> => (begun ? { ...GOOD, ...env } : { ...env }));

describe('an environment, whatever is in it', () => {
  it('is a configuration, or stops the start with an error that names settings and repeats no value', () => {
    fc.assert(
      fc.property(environment, (env) => {
        const refused = refusalOf(env);
        if (refused === undefined) return;
        expect(refused.problems.length).toBeGreaterThan(0);
        for (const { setting, message } of refused.problems) {
          expect(setting).toMatch(/^[A-Za-z][A-Za-z_]+$/);
          expect(message.length).toBeGreaterThan(8);
        }
        expect(refused.message.toLowerCase()).not.toContain(MARK.toLowerCase());
      }),
      { numRuns: 500 },
    );
  });

  it('has no secret of its own in an error', () => {
    expect(SECRET_NAMES.length).toBeGreaterThan(0);
    for (const secret of SECRET_NAMES) {
      const refused = refusalOf({ ...GOOD, DEFENDER_API_URL: 'nonsense', [secret]: `${MARK} ${MARK}` });
      expect(refused?.message, secret).not.toContain(MARK);
    }
  });
});

/** @throws whatever is no error of the settings */
function refusalOf(env: Record<string, string>): SettingsError | undefined {
  try {
    readConfig(env);
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
}
