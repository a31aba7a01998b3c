import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, requestIdentity } from '../../../../shared/domain/request/request-identity.ts';

describe('the canonical spelling of JSON', () => {
  it('agrees with another implementation of RFC 8785', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
    );
  });

  it('tells half surrogates apart and stands names that objects inherit', () => {
    expect(canonicalJson(['\ud800', '\ud801'])).toBe('["\\ud800","\\ud801"]');
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}');
  });

  it('spells what JSON does not have as null', () => {
    expect([canonicalJson(undefined), canonicalJson([undefined]), canonicalJson({ a: undefined })]).toEqual([
      'null',
      '[null]',
      '{}',
    ]);
  });

  it('is the identity of a request without its requestId', () => {
    expect(requestIdentity({ requestId: 'r', b: 1, a: undefined })).toBe('{"b":1}');
  });
});
