import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCancelBody } from '../../../shared/contracts/cancel-request.ts';
import { parseListQuery, parseRequestIdQuery } from '../../../shared/contracts/list-query.ts';
import type { Parsed } from '../../../shared/contracts/parsed.ts';

function faultsOf(parsed: Parsed<unknown>): string[] {
  return parsed.ok ? [] : (parsed.error.details ?? []).map(({ target, code }) => `${target}: ${code}`);
}
const query = (text: string) => parseListQuery(new URLSearchParams(text));
const MACHINE = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07';

describe('the query of the list', () => {
  it('asks for 50 when it asks for nothing, and empty parameters ask for nothing', () => {
    expect(query('')).toEqual({ ok: true, value: { top: 50 } });
    expect(query('caseId=&machineId=&state=&from=&to=&top=&continuationToken=')).toEqual(query(''));
  });

  it('takes every filter', () => {
    const text = `caseId=INC-1&machineId=${MACHINE.toUpperCase()}&state=running&from=2026-11-24T10:00:00Z&to=2026-11-25T00:00:00%2B01:00&top=200&continuationToken=x`;
    expect(query(text)).toEqual({
      ok: true,
      value: {
        caseId: 'INC-1',
        machineId: MACHINE,
        state: 'running',
        from: '2026-11-24T10:00:00.000Z',
        to: '2026-11-24T23:00:00.000Z',
        top: 200,
        continuationToken: 'x',
      },
    });
  });

  it('understands an offset whose plus sign was not encoded', () => {
    expect(query('from=2026-11-24T10:00:00+01:00')).toMatchObject({ value: { from: '2026-11-24T09:00:00.000Z' } });
  });

  it('is refused with all its faults', () => {
    expect(faultsOf(query('machineId=x&state=done&from=yesterday&top=201&caseId=a&caseId=b'))).toEqual([
      'caseId: Conflict',
      'machineId: InvalidValue',
      'state: InvalidValue',
      'from: InvalidValue',
      'top: InvalidValue',
    ]);
    expect(faultsOf(query('from=2026-11-24T10:00:00Z&to=2026-11-24T09:59:59Z'))).toEqual(['to: OutOfRange']);
    expect(faultsOf(query('from=2026-11-24T10:00:00Z&to=2026-11-24T10:00:00Z'))).toEqual([]);
    for (const top of ['0', '-1', '1.5', '1e2', ' 5', '99999999999'])
      expect(faultsOf(query(`top=${top}`))).toHaveLength(1);
  });

  it('lets pass what the Functions host and callers add', () => {
    expect(query('code=secret&x-ms-client-tracking-id=1').ok).toBe(true);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.webQueryParameters(), (a, b) => 'ok' in query(`from=${a}&${b}`)),
    );
  });
});

describe('a cancel', () => {
  it('may say why, or nothing at all', () => {
    expect(parseCancelBody({ comment: 'false alarm' })).toEqual({ ok: true, value: { comment: 'false alarm' } });
    expect(parseCancelBody({})).toEqual({ ok: true, value: {} });
    expect(parseCancelBody(undefined)).toEqual({ ok: true, value: {} });
  });

  it('is refused with all its faults', () => {
    expect(faultsOf(parseCancelBody({ comment: 7, reason: 'x' })).sort()).toEqual([
      'comment: InvalidType',
      'reason: UnknownField',
    ]);
    expect(faultsOf(parseCancelBody([]))).toEqual(['body: InvalidType']);
  });

  it('by requestId needs one', () => {
    expect(parseRequestIdQuery(new URLSearchParams('requestId=r'))).toEqual({ ok: true, value: 'r' });
    expect(faultsOf(parseRequestIdQuery(new URLSearchParams('code=x')))).toEqual(['requestId: Required']);
  });
});
