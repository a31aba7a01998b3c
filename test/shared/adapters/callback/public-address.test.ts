import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../../../shared/adapters/callback/public-address.ts';

describe('public addresses', () => {
  it.each(['20.37.194.42', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2603:1030:20e:3::23c', '2a01:111:f100::1'])(
    'include %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'ff02::1',
    '2001:0:a00:1::',
    '2002:a00:1::1',
    '2001:db8::1',
    'contoso.com',
    '',
  ])('leave out %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
