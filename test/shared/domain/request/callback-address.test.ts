import { describe, expect, it } from 'vitest';
import {
  callbackFault,
  hostFits,
  isLoopback,
  LONGEST_CALLBACK,
} from '../../../../shared/domain/request/callback-address.ts';

const HOST = 'https://prod-1.logic.azure.com/';
const rules = { callbackHosts: ['.logic.azure.com', 'hooks.contoso.com'], loopbackAllowed: false };
const local = { callbackHosts: ['.logic.azure.com'], loopbackAllowed: true };

describe('what is said of a callback address that cannot be taken', () => {
  it.each([
    ['logic.azure.com/x', 'Give a whole address'],
    ['https://prod-1.logic.azure.com/a b', 'Give a whole address'],
    ['https://ann@prod-1.logic.azure.com/x', 'Take the user name and password out'],
    ['https://:secret@prod-1.logic.azure.com/x', 'Take the user name and password out'],
    ['http://prod-1.logic.azure.com/x', 'Use https'],
    ['https://elsewhere.example/x', 'below one of .logic.azure.com, hooks.contoso.com, or ask the operator'],
  ])('%s: says what to change', (address, advice) => {
    expect(callbackFault(address, rules)).toContain(advice);
  });

  it('says that no host is allowed where none is', () => {
    expect(callbackFault(HOST, { callbackHosts: [], loopbackAllowed: false })).toContain('one of (none),');
  });

  it('allows 4096 characters to the last', () => {
    expect(callbackFault(HOST.padEnd(LONGEST_CALLBACK, 'x'), rules)).toBeUndefined();
    expect(callbackFault(HOST.padEnd(LONGEST_CALLBACK + 1, 'x'), rules)).toContain('at most 4096 characters');
  });

  it('never repeats the address, which is a secret', () => {
    for (const address of ['http://h.example/x?sig=s3cret', 'https://u:s3cret@h.example', 's3cret', HOST])
      expect(callbackFault(address, { callbackHosts: [], loopbackAllowed: false })).not.toMatch(/s3cret|prod-1/);
  });
});

describe('a loopback address, where it is allowed', () => {
  it('speaks http or https and nothing else', () => {
    expect(callbackFault('http://127.0.0.1:1/x', local)).toBeUndefined();
    for (const address of ['ftp://127.0.0.1/x', 'xhttp://127.0.0.1/x', 'https-x://127.0.0.1/x', 'file://localhost/x'])
      expect(callbackFault(address, local)).toBe('Use https.');
  });

  it('is any of 127.0.0.0/8, and looks like nothing else', () => {
    for (const host of ['127.0.0.1', '127.100.200.254', 'localhost', '[::1]']) expect(isLoopback(host)).toBe(true);
    for (const host of ['1127.0.0.1', '127.0.0.1.1', '128.0.0.1', '127.0.0', '[::2]'])
      expect(isLoopback(host)).toBe(false);
  });

  it('is a whole one', () => {
    for (const host of ['127.0.0.1.example', '127.0.0.example', 'localhost.example', 'mylocalhost'])
      expect(callbackFault(`https://${host}/x`, local)).toContain('Use a host below');
  });
});

describe('a host suffix', () => {
  it('fits whole labels, in any letter case and with blanks around it', () => {
    expect(hostFits('PROD.logic.azure.com', [' .Logic.Azure.com '])).toBe(true);
    expect(hostFits('a.hooks.contoso.com', ['other.example', 'hooks.contoso.com'])).toBe(true);
    expect(hostFits('.logic.azure.com', ['.logic.azure.com'])).toBe(false);
    expect(hostFits('contoso.com', ['hooks.contoso.com'])).toBe(false);
    expect(hostFits('contoso.com', [])).toBe(false);
  });

  it('that is empty or a dot fits no host, not even one that ends in a dot', () => {
    for (const suffix of ['', ' ', '.', ' . ']) expect(hostFits('evil.example.', [suffix])).toBe(false);
  });
});
