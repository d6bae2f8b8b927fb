import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probePath, requestTarget } from './request-target.ts';

const noRoute = { kind: 'other', problem: 'no_route' };

describe('the target of a request', () => {
  it('is a probe or a restart of the named instance', () => {
    const target = { username: 'acme', phoneNumberId: '5511987654321' };
    expect(requestTarget('GET', '/acme/v1/5511987654321/instance')).toEqual({ kind: 'probe', ...target });
    expect(requestTarget('POST', '/acme/v1/5511987654321/instance/restart')).toEqual({
      kind: 'restart',
      ...target,
    });
  });

  it('finds back every id that was percent-encoded', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (username, phoneNumberId) => {
        const target = requestTarget('GET', probePath(username, phoneNumberId));
        expect(target).toEqual({ kind: 'probe', username, phoneNumberId });
      }),
    );
  });

  it('says that a path cannot be decoded', () => {
    expect(requestTarget('GET', '/acme/v1/%zz/instance')).toEqual({ kind: 'other', problem: 'malformed' });
  });

  it('ignores the query', () => {
    expect(requestTarget('GET', '/v1/health?a=/b')).toEqual({ kind: 'health' });
  });

  it.each([
    ['POST', '/acme/v1/55/instance'],
    ['GET', '/acme/v1/55/instance/restart'],
    ['PUT', '/acme/v1/55/instance/restart'],
    ['POST', '/v1/health'],
    ['GET', '/acme/v1/55/instance/'],
    ['GET', '/acme/v1//instance'],
    ['GET', '//v1/55/instance'],
    ['GET', '/acme/v2/55/instance'],
    ['GET', '/acme/v1/55/instances'],
    ['POST', '/acme/v1/55/instance/restart/now'],
    ['GET', 'acme/v1/55/instance'],
    ['GET', '/'],
    ['GET', ''],
  ])('is no route for %s %s', (method, path) => expect(requestTarget(method, path)).toEqual(noRoute));
});
