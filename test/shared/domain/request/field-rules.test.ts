import { describe, expect, it } from 'vitest';
import { callbackFault, hostFits } from '../../../../shared/domain/request/callback-address.ts';
import { targetKind } from '../../../../shared/domain/request/collection-request.ts';
import { devicePathFault, LONGEST_PATH } from '../../../../shared/domain/request/device-path.ts';
import { faultPath } from '../../../../shared/domain/request/fault.ts';
import { readInstant } from '../../../../shared/domain/request/instant.ts';
import { dnsNameFault, libraryNameFault, lineFault } from '../../../../shared/domain/request/text-rules.ts';

describe('a path for GetFile', () => {
  it.each([
    'C:\\Windows\\Temp\\out.zip',
    'c:/Windows/Temp/out.zip',
    '\\\\server\\share\\file.txt',
    '\\\\?\\C:\\very\\long.txt',
    'C:\\file.txt:stream',
    '/var/log/auth.log',
    '/tmp/what is this?*',
    'C:\\Users\\Zoë\\📁\\a.txt',
    '/'.padEnd(LONGEST_PATH, 'a'),
  ])('may be %s', (path) => {
    expect(devicePathFault(path)).toBeUndefined();
  });

  it.each([
    ['', 'absolute'],
    ['out.zip', 'absolute'],
    ['C:out.zip', 'absolute'],
    ['%TEMP%\\out.zip', 'absolute'],
    ['~/out.zip', 'absolute'],
    ['\\Windows\\a', 'absolute'],
    ['\\\\server', 'absolute'],
    ['C:\\Temp\\', 'folder'],
    ['C:\\', 'folder'],
    ['/', 'folder'],
    ['C:\\Temp\\..\\a', '".."'],
    ['/tmp/./a', '".."'],
    ['C:\\Temp\\*.log', 'wildcards'],
    ['C:\\a\nb', 'control'],
    ['/a\0', 'control'],
    ['/\ud800', 'control'],
    [`/${'a'.repeat(4096)}`, '4096'],
  ])('may not be %j', (path, because) => {
    expect(devicePathFault(path)).toContain(because);
  });
});

describe('the kind of a target', () => {
  it.each([
    ['machineId', { machineId: 'a'.repeat(40) }],
    ['computerDnsName', { computerDnsName: 'ws01' }],
    ['aadDeviceId', { aadDeviceId: '3f2a6c1e-0b1d-4c55-9a63-0d9b7a6f2c11' }],
    ['ipAddress', { ipAddress: '10.0.0.1', at: '2026-11-24T10:00:00.000Z' }],
    ['machineTag', { machineTag: 'Tier 0' }],
  ])('is %s by the key it has', (kind, target) => {
    expect(targetKind(target)).toBe(kind);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00.000Z'],
    ['2026-11-24T10:00Z', '2026-11-24T10:00:00.000Z'],
    ['2026-11-24T11:00:00.1239999+01:00', '2026-11-24T10:00:00.123Z'],
    ['2026-11-23T23:30:00-10:30', '2026-11-24T10:00:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('%s is kept as %s', (text, utc) => {
    expect(readInstant(text)).toBe(utc);
  });

  it.each([
    '2026-11-24',
    '2026-11-24T10:00:00',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-24T24:00:00Z',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    'Tue, 24 Nov 2026 10:00:00 GMT',
    '',
  ])('is not %j', (text) => {
    expect(readInstant(text)).toBeUndefined();
  });
});

describe('a callback address', () => {
  const rules = { callbackHosts: ['.logic.azure.com', 'hooks.contoso.com'], loopbackAllowed: false };

  it.each([
    'https://prod-1.logic.azure.com:443/workflows/x?sig=y',
    'https://HOOKS.contoso.com/a',
    'https://eu.hooks.contoso.com/a',
  ])('may be %s', (address) => {
    expect(callbackFault(address, rules)).toBeUndefined();
  });

  it.each([
    'http://prod-1.logic.azure.com/x',
    'https://logic.azure.com/x',
    'https://evillogic.azure.com/x',
    'https://logic.azure.com.evil.example/x',
    'https://prod-1.logic.azure.com@evil.example/x',
    'https://user:pass@prod-1.logic.azure.com/x',
    'https://evil.example\\@prod-1.logic.azure.com/x',
    'https://prod-1.logic.azure.com\n/x',
    'https://evilhooks.contoso.com/x',
    'https://127.0.0.1/x',
    'ftp://prod-1.logic.azure.com/x',
    '/x',
    '',
  ])('may not be %j', (address) => {
    expect(callbackFault(address, rules)).toBeDefined();
  });

  it('may be a loopback address only where that is allowed', () => {
    for (const address of ['http://localhost:1/x', 'http://127.0.0.1:1/x', 'http://[::1]:1/x', 'https://127.0.0.1/x']) {
      expect(callbackFault(address, rules)).toBeDefined();
      expect(callbackFault(address, { ...rules, loopbackAllowed: true })).toBeUndefined();
    }
    expect(callbackFault('http://127.0.0.1.evil.example/x', { ...rules, loopbackAllowed: true })).toBeDefined();
  });

  it('fits no host when a suffix is empty', () => {
    expect(hostFits('evil.example', ['', '.'])).toBe(false);
  });
});

describe('names', () => {
  it('of library files are letters, digits, -, _ and .', () => {
    for (const name of ['a.ps1', 'A-b_c.tar.gz']) expect(libraryNameFault(name)).toBeUndefined();
    for (const name of ['', '..', 'a b.ps1', '../a.ps1', 'ä.ps1', 'a.ps1\n', 'a'.repeat(256)])
      expect(libraryNameFault(name)).toBeDefined();
  });

  it('of devices have labels and no spaces', () => {
    for (const name of ['ws01', 'ws01.contoso.com', 'über_1']) expect(dnsNameFault(name)).toBeUndefined();
    for (const name of ['', 'a b', 'a..b', '.a', "a' or 1 eq 1", `${'a'.repeat(254)}`])
      expect(dnsNameFault(name)).toBeDefined();
  });

  it('are counted in characters, not in units of UTF-16', () => {
    expect(lineFault('😀'.repeat(128), 128)).toBeUndefined();
    expect(lineFault('😀'.repeat(129), 128)).toContain('129');
  });
});

describe('the path of a fault', () => {
  it('reads as a caller would write it, and never carries a long or unprintable name along', () => {
    expect(faultPath(['targets', 3, 'machineId'])).toBe('targets[3].machineId');
    expect(faultPath([])).toBe('body');
    expect(faultPath(['a\nb\ud800'])).toBe('a\uFFFDb\uFFFD');
    expect(faultPath(['x'.repeat(5000)])).toBe(`${'x'.repeat(100)}…`);
    expect(faultPath(['x'.repeat(100)])).toBe('x'.repeat(100));
  });
});
