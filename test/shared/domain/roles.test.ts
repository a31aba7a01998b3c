import { describe, expect, it } from 'vitest';
import { hasRole, ROLES } from '../../../shared/domain/roles.ts';

describe('roles', () => {
  it.each(ROLES)('%s gives itself and nothing else', (role) => {
    expect(ROLES.filter((needed) => hasRole([role], needed))).toEqual([role]);
  });

  it('Collections.ReadWrite.All gives submit, read and cancel, but no evidence', () => {
    expect(ROLES.filter((needed) => hasRole(['Collections.ReadWrite.All'], needed))).toEqual([
      'Collections.Submit',
      'Collections.Read',
      'Collections.Cancel',
    ]);
  });

  it('of one caller add up', () => {
    const both = ['Admin', 'Operations.Read', 'Collections.Read'];
    expect(ROLES.filter((needed) => hasRole(both, needed))).toEqual(['Collections.Read', 'Operations.Read']);
    expect(hasRole([], 'Collections.Read')).toBe(false);
  });

  it('that are unknown, or written otherwise, give nothing', () => {
    expect(ROLES.filter((needed) => hasRole(['collections.read', 'Admin', ''], needed))).toEqual([]);
  });
});
