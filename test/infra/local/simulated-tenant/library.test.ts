import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { actionAt, codeOf, MINUTE, RUN_SCRIPT, START, submitted, tenantWith } from './virtual-tenant.ts';

const script = (content = 'hello', overrideIfExists = false) => ({
  fileName: 'collect.ps1',
  content: Buffer.from(content),
  description: 'd',
  hasParameters: false,
  overrideIfExists,
});

function errorsOf(switches: Parameters<typeof tenantWith>[0], upload?: ReturnType<typeof script>) {
  const tenant = tenantWith(switches);
  if (upload !== undefined) tenant.uploadLibraryFile(upload, START);
  const action = actionAt(tenant, submitted(tenant, START, RUN_SCRIPT), START + MINUTE);
  return { status: action.status, errorHResult: action.errorHResult, errors: action.commands[0]?.errors };
}

describe('the library', () => {
  it('lists a file with its hash after the upload', () => {
    const tenant = tenantWith();
    expect(tenant.uploadLibraryFile(script(), START).status).toBe(200);
    const sha256 = createHash('sha256').update('hello').digest('hex');
    expect(tenant.listLibraryFiles(START).body).toMatchObject({ value: [{ fileName: 'collect.ps1', sha256 }] });
  });

  it('refuses a file that exists, unless told to override it', () => {
    const tenant = tenantWith();
    tenant.uploadLibraryFile(script(), START);
    expect(JSON.stringify(tenant.uploadLibraryFile(script('other'), START).body)).toContain('already exists');
    expect(tenant.uploadLibraryFile(script('other', true), START).status).toBe(200);
  });

  it('refuses more than 20 MB and names with other signs', () => {
    const tenant = tenantWith();
    const big = { ...script(), content: Buffer.alloc(20 * 1024 * 1024 + 1) };
    expect(tenant.uploadLibraryFile(big, START).status).toBe(400);
    expect(codeOf(tenant.uploadLibraryFile({ ...script(), fileName: 'a b.ps1' }, START))).toBe('InvalidInput');
  });

  it('deletes a file once', () => {
    const tenant = tenantWith();
    tenant.uploadLibraryFile(script(), START);
    expect([1, 2].map(() => tenant.deleteLibraryFile('collect.ps1', START).status)).toEqual([204, 404]);
  });

  it('makes a command fail on the device whose script it does not have, where that is switched on', () => {
    expect(errorsOf({ missingScripts: 'failOnDevice' })).toEqual({
      status: 'Failed',
      errorHResult: -2147024894,
      errors: ["File 'collect.ps1' wasn't found in the library"],
    });
    expect(errorsOf({ missingScripts: 'failOnDevice' }, script()).status).toBe('Succeeded');
  });

  it('shows a fresh file before devices find it, where that is switched on', () => {
    expect(errorsOf({ libraryPropagationMs: MINUTE }, script()).status).toBe('Failed');
  });

  it('makes an unsigned script fail, where unsigned ones are not allowed', () => {
    const unsigned = errorsOf({ unsignedScriptsAllowed: false }, script());
    expect([unsigned.status, unsigned.errorHResult]).toEqual(['Failed', -2146762496]);
    const signed = script('hello\n# SIG # Begin signature block\n');
    expect(errorsOf({ unsignedScriptsAllowed: false }, signed).status).toBe('Succeeded');
  });
});
