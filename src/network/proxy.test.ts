import { describe, expect, it } from 'vitest';
import { parseProxy, proxyMistake, proxyOf, proxyVariables } from './proxy.ts';

const PROXY = 'http://proxy.example:3128';
const variables = (none: string) => ({ http: PROXY, https: `${PROXY}1`, none });

describe('the proxy of a URL', () => {
  it.each([
    ['http://gw.example', null, PROXY],
    ['https://gw.example', null, `${PROXY}1`],
    ['http://127.0.0.1:8080', null, PROXY],
    ['https://gw.example', 'http://own:1', 'http://own:1'],
    ['https://gw.example', 'direct', null],
  ])('of %s, with its own setting %s, is %s', (url, own, proxy) => {
    expect(proxyOf(url, own, variables(''))).toBe(proxy);
  });

  it('is null when the environment names none', () => {
    expect(proxyOf('https://gw.example', null, { http: PROXY, https: null, none: '' })).toBeNull();
  });

  it.each([
    ['*', 'https://gw.example', true],
    ['x, *', 'https://gw.example', true],
    ['gw.example', 'https://gw.example', true],
    ['GW.Example.', 'https://gw.example./x', true],
    ['other.example, .example', 'https://gw.example', true],
    ['other.example *.example', 'https://gw.example', true],
    ['.gw.example', 'https://gw.example', true],
    ['São.example', 'https://gw.são.example', true],
    ['example', 'https://gw.example', true],
    ['w.example', 'https://gw.example', false],
    ['gw.example.org', 'https://gw.example', false],
    ['gw.example:443', 'https://gw.example', true],
    ['gw.example:8443', 'https://gw.example', false],
    ['gw.example:80', 'http://gw.example', true],
    ['localhost,127.0.0.1', 'http://127.0.0.1:9000', true],
    ['127.0.0.1:9001', 'http://127.0.0.1:9000', false],
    ['0.1', 'http://127.0.0.1', false],
    ['10.0.0.0/8', 'http://10.20.30.40', true],
    ['10.0.0.0/8', 'http://11.0.0.1', false],
    ['10.0.0.0/99, 10.0.0.0/x', 'http://10.0.0.1', false],
    ['::1', 'http://[::1]:9000', true],
    ['[::1]:9000', 'http://[::1]:9000', true],
    ['[::1]:9001', 'http://[::1]:9000', false],
    ['fd00::/8', 'http://[fd12::1]', true],
    ['10.0.0.0/8', 'http://ten.example', false],
    ['', 'https://gw.example', false],
  ])('with NO_PROXY=%s leaves %s alone: %s', (none, url, isAlone) => {
    expect(proxyOf(url, null, variables(none)) === null).toBe(isAlone);
  });
});

it('is read from variables in lower or upper case, of which empty ones say nothing', () => {
  const env = { HTTP_PROXY: 'A', http_proxy: 'a', HTTPS_PROXY: 'B', https_proxy: '', no_proxy: 'c', ALL_PROXY: 'd' };
  expect(proxyVariables(env)).toEqual({ http: 'a', https: 'B', none: 'c' });
  expect(proxyVariables({})).toEqual({ http: null, https: null, none: '' });
});

describe('the URL of a proxy', () => {
  it.each([
    ['http://proxy', { hostname: 'proxy', port: 80, isTls: false, authorization: null }],
    ['https://proxy/', { hostname: 'proxy', port: 443, isTls: true, authorization: null }],
    ['proxy:3128', { hostname: 'proxy', port: 3128, isTls: false, authorization: null }],
    ['http://[::1]:3128', { hostname: '::1', port: 3128, isTls: false, authorization: null }],
    [
      'http://us%40er:p%3Ass@proxy:1',
      { hostname: 'proxy', port: 1, isTls: false, authorization: `Basic ${btoa('us@er:p:ss')}` },
    ],
  ])('%s', (text, proxy) => {
    expect(proxyMistake(text)).toBeNull();
    expect(parseProxy(text)).toEqual(proxy);
  });

  it.each(['', 'socks5://proxy:1080', 'http://', 'http://proxy/path', 'http://proxy?x', 'no proxy', 'http://proxy:x'])(
    'is not "%s"',
    (text) => expect(proxyMistake(text)).toMatch(/^is not the URL of/),
  );
});
