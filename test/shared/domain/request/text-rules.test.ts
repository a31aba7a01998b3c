import { describe, expect, it } from 'vitest';
import {
  dnsNameFault,
  LONGEST_DNS_NAME,
  LONGEST_LIBRARY_NAME,
  libraryNameFault,
  lineFault,
  proseFault,
} from '../../../../shared/domain/request/text-rules.ts';

describe('one line of text, such as a case id', () => {
  it('may hold blanks around visible text, and characters of any script', () => {
    for (const text of ['INC-7', ' INC 7 ', '事件 7', '👩‍💻']) expect(lineFault(text, 128)).toBeUndefined();
  });

  it.each([
    ['', 'Give 1 to 128 characters'],
    ['   ', 'other than spaces'],
    ['\u00a0', 'other than spaces'],
    ['a\nb', 'printable'],
    ['a\tb', 'printable'],
    ['a\u2028b', 'printable'],
    ['\ud800', 'printable'],
    ['a'.repeat(129), 'at most 128 characters; this has 129'],
  ])('may not be %j', (text, advice) => {
    expect(lineFault(text, 128)).toContain(advice);
  });
});

describe('free text, such as a comment', () => {
  it('may be empty, and may have lines and tabs', () => {
    for (const text of ['', ' ', 'one\ntwo\r\n\tthree', 'a\u2028b', 'x'.repeat(128)])
      expect(proseFault(text, 128)).toBeUndefined();
  });

  it.each([
    ['a\0b', 'tabs and line breaks are fine'],
    ['a\u001bb', 'tabs and line breaks are fine'],
    ['\udfff', 'tabs and line breaks are fine'],
    ['x'.repeat(129), 'at most 128 characters; this has 129'],
  ])('may not be %j', (text, advice) => {
    expect(proseFault(text, 128)).toContain(advice);
  });
});

describe('a name', () => {
  it('of a library file has at most 255 characters, dots among them but not alone', () => {
    for (const name of ['.bashrc', 'a.', 'a..b', '...a', 'a'.repeat(LONGEST_LIBRARY_NAME)])
      expect(libraryNameFault(name)).toBeUndefined();
    for (const name of ['.', '...', 'dir/a.ps1', 'dir\\a.ps1'])
      expect(libraryNameFault(name)).toContain('without a folder');
    expect(libraryNameFault('a'.repeat(LONGEST_LIBRARY_NAME + 1))).toContain('255');
  });

  it('of a device has at most 253 characters', () => {
    expect(dnsNameFault('a'.repeat(LONGEST_DNS_NAME))).toBeUndefined();
    expect(dnsNameFault('a'.repeat(LONGEST_DNS_NAME + 1))).toContain('253');
    for (const name of ['ws01.', 'ws01 ', 'ws01/x']) expect(dnsNameFault(name)).toContain('such as ws01');
  });
});
