import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ODataFault, parseFilter } from '../../../../infra/local/simulated-tenant/model/odata-filter.ts';
import { earliest, matches, requiredValues } from '../../../../infra/local/simulated-tenant/model/odata-match.ts';

const FIELDS = {
  id: 'id',
  status: 'string',
  creationDateTimeUtc: 'instant',
  rbacGroupId: 'number',
  isAadJoined: 'boolean',
  machineTags: 'strings',
} as const;

const ROW: Record<string, string | number | boolean | string[]> = {
  id: 'ab12',
  status: "O'Neil",
  creationDateTimeUtc: Date.parse('2026-03-01T08:00:00Z'),
  rbacGroupId: 140,
  isAadJoined: true,
  machineTags: ['finance', 'vip'],
};

const holds = (filter: string) => matches(parseFilter(filter, FIELDS), (field) => ROW[field]);

describe('a filter', () => {
  it.each([
    ["status eq 'O''Neil'", true],
    ["status ne 'Pending'", true],
    ["id eq 'AB12'", true],
    ['id eq ab12', true],
    ["id in ('x', 'ab12')", true],
    ["id in ('x','y')", false],
    ['creationDateTimeUtc ge 2026-03-01T08:00:00.0000000Z', true],
    ['creationDateTimeUtc gt 2026-03-01T08:00:00Z', false],
    ['creationDateTimeUtc lt 2026-03-01T09:00:00Z AND rbacGroupId le 140', true],
    ["startswith(status,'O''')", true],
    ["contains(status,'x') or endswith(status,'Neil')", true],
    ["not (status eq 'a') and not startswith(status, 'a')", true],
    ["status eq 'a' and status eq 'b' or rbacGroupId eq 140", true],
    ["status eq 'a' and (status eq 'b' or rbacGroupId eq 140)", false],
    ['isAadJoined eq true', true],
    ["machineTags/any(tag: tag eq 'vip')", true],
    ["machineTags/any(t : startswith(t, 'x'))", false],
    ['status eq null', false],
  ])('reads %s as %s', (filter, expected) => {
    expect(holds(filter)).toBe(expected);
  });

  it.each([
    '',
    'status',
    'status eq',
    "status like 'a'",
    "requestorComment eq 'a'",
    'status eq Pending',
    "(status eq 'a'",
    "status eq 'a' status eq 'b'",
    'status in ()',
    "status eq 'a",
    "rbacGroupId eq 'x'",
    'creationDateTimeUtc gt yesterday',
    "upper(status) eq 'A'",
    "toString eq 'a'",
  ])('refuses %s', (filter) => {
    expect(() => parseFilter(filter, FIELDS)).toThrow(ODataFault);
  });

  it('is read or refused, whatever it is', () => {
    const words = fc.constantFrom(
      'and',
      'or',
      'not',
      '(',
      ')',
      ',',
      "'a'",
      "'",
      'status',
      'id',
      'eq',
      'in',
      ' ',
      '1',
      ':',
    );
    fc.assert(
      fc.property(
        fc.array(words).map((parts) => parts.join(' ')),
        (text) => {
          try {
            parseFilter(text, FIELDS);
          } catch (error) {
            expect(error).toBeInstanceOf(ODataFault);
          }
        },
      ),
    );
  });

  it('tells which values it demands, so that a list looks at few rows', () => {
    const filter = parseFilter("(id eq 'a' or id in ('b','c')) and status eq 'x'", FIELDS);
    expect(requiredValues(filter, 'id')).toEqual(['a', 'b', 'c']);
    expect(requiredValues(parseFilter("id eq 'a' or status eq 'x'", FIELDS), 'id')).toBeUndefined();
    expect(earliest(parseFilter('creationDateTimeUtc ge 1970-01-01T00:00:01Z', FIELDS), 'creationDateTimeUtc')).toBe(
      1000,
    );
  });
});
