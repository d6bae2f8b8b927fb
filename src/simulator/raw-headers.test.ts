import { describe, expect, it } from 'vitest';
import { headersOf, isAuthorizedBy } from './raw-headers.ts';

describe('raw headers', () => {
  it('are shown by name in lower case, repeated ones joined', () => {
    const headers = headersOf(['Accept', 'a', 'X-One', '1', 'ACCEPT', 'b', '__proto__', 'x']);
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'x'],
      ['accept', 'a, b'],
      ['x-one', '1'],
    ]);
  });

  it('authorize by exactly one matching value, whatever the case of the name', () => {
    expect(isAuthorizedBy(['Host', 'x', 'AUTHORIZATION', 'Bearer a'], 'Bearer a')).toBe(true);
    expect(isAuthorizedBy(['Host', 'Bearer a'], 'Bearer a')).toBe(false);
    expect(isAuthorizedBy(['Authorization', 'Bearer a', 'Authorization', 'Bearer a'], 'Bearer a')).toBe(false);
    expect(isAuthorizedBy(['Proxy-Authorization', 'Bearer a'], 'Bearer a')).toBe(false);
  });
});
