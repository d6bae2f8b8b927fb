import { describe, expect, it } from 'vitest';
import { clientAddress, networkOf } from './client-address.ts';

describe('the address of a client', () => {
  it.each([
    ['10.0.0.7', undefined, '10.0.0.7'],
    ['::ffff:10.0.0.7', undefined, '10.0.0.7'],
    ['10.0.0.7', '203.0.113.9', '203.0.113.9'],
    ['10.0.0.7', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['10.0.0.7', '203.0.113.9:4711, 10.9.9.9', '203.0.113.9'],
    ['fd00::1', '2001:db8::1', '2001:db8::1'],
    ['203.0.113.9', '127.0.0.1', '203.0.113.9'],
    ['10.0.0.7', 'nonsense', '10.0.0.7'],
  ])('from %s with X-Forwarded-For %s is %s', (peer, forwardedFor, address) => {
    expect(clientAddress({ peer, forwardedFor }, ['10.0.0.0/8', 'fd00::1'])).toBe(address);
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:0:1:aaaa::1', '2001:db8:0:1::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0db8:0000:0001:0:0:0:1', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
