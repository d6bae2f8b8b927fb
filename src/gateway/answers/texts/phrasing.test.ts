import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { remedyFor } from '../../../core/remedy.ts';
import { probe } from '../../../../test/gateway/answers.ts';
import type { Answer } from '../answer.ts';

const html = { contentType: 'text/html; charset=utf-8' };
const text = { contentType: 'text/plain' };

describe('a page or a line of text comes from something in front of the gateway', () => {
  it.each<[string, string, Partial<Answer>]>([
    ['an ingress', 'default backend - 404', { status: 404, ...text }],
    ['a proxy that has no route', '404 page not found\n', { status: 404, ...text }],
    ['a bot challenge', '<!DOCTYPE html><title>Just a moment...</title>', { status: 403, ...html }],
    ['a bot challenge with 503', '<title>Just a moment...</title>', { status: 503, ...html }],
    ['a login page', '<html><title>Sign in</title>', html],
    ['a login page that does not say what it is', '<html>', { contentType: null }],
    ['a login page that says it is JSON', ' \n<html lang="pt">', {}],
    ['a long page', '', { truncated: true, ...html }],
    ['a captive portal', 'Please accept the terms of this network', text],
    ['a captive portal with 511', '', { status: 511 }],
    ['a redirect to a login', '', { status: 302 }],
    ['a proxy without a gateway', '<html><h1>502 Bad Gateway</h1>', { status: 502, ...html }],
    ['a proxy without a gateway, and without a word', '', { status: 502 }],
    ['a mesh without a gateway', 'no healthy upstream', { status: 503, ...text }],
    ['a proxy that waited', '<title>504</title>', { status: 504, ...html }],
    ['Cloudflare', '<title>521: Web server is down</title>', { status: 521, ...html }],
    ['Cloudflare in JSON', '{"cloudflare_error":true,"status":403,"title":"Error 1020"}', { status: 403 }],
    ['an API gateway in JSON', '{"message":"no Route matched with those values"}', { status: 404 }],
    ['a mesh in JSON', '{"message":"no healthy upstream"}', { status: 503 }],
    ['a host of applications in JSON', '{"code":502,"message":"Application failed to respond"}', { status: 502 }],
    ['a host of applications in JSON that has none', '{"code":404,"message":"Application not found"}', { status: 404 }],
    ['a failure that is no gateway’s', 'Internal Server Error', { status: 500, ...text }],
    ['a proxy’s login', '<html>', { status: 407, ...html }],
  ])('%s', (_what, body, rest) => expect(probe(body, rest).cause).toBe('not_the_gateway'));

  it('unless it asks for fewer requests', () => {
    expect(probe('<title>1015</title>', { status: 429, retryAfter: '7', ...html })).toMatchObject({
      cause: 'rate_limited',
      retryAfter: 7_000,
    });
  });

  it('and is shown by what it says, in short', () => {
    expect(probe('default backend - 404', { status: 404 }).detail).toBe(
      'HTTP 404: the answer is text, not JSON: default backend - 404',
    );
    expect(probe(`<title>\n ${'x'.repeat(999)}`).detail?.length).toBeLessThanOrEqual(240);
    expect(probe('<title<title lang="pt">Entrar').detail).toMatch(/: Entrar$/);
    expect(probe('<title<br>Entrar').detail).not.toMatch(/Entrar/);
  });
});

describe('the remedy fits the answer', () => {
  it.each<[string, unknown, Partial<Answer>, RegExp]>([
    ['a redirect', '', { status: 301 }, /address that the redirect leads to/],
    ['a 304, which is no redirect', '', { status: 304 }, /Exclude the paths of the gateway from that cache/],
    ['a redirect with a page', '<html>', { status: 308 }, /address that the redirect leads to/],
    ['a bad request', { message: 'nope' }, { status: 400 }, /what it says.*phoneNumberId/],
    ['a bad request without a word', '', { status: 400 }, /what it says.*phoneNumberId/],
    ['a bad request in the body', { success: false, code: 422 }, {}, /what it says.*phoneNumberId/],
    [
      'http at the port of https',
      '<title>400 The plain HTTP request was sent to HTTPS port</title>',
      { status: 400 },
      /https:\/\//,
    ],
    [
      'http at the port of https of Go',
      'Client sent an HTTP request to an HTTPS server.\n',
      { status: 400 },
      /https:\/\//,
    ],
    ['a plan that has ended', { message: 'plan expired' }, { status: 402 }, /renew it there/],
    ['a plan that has ended, in the body', { error: true, message: 'Assinatura vencida' }, {}, /renew it there/],
    ['a plan that has ended, and no more', { status: 200, message: 'Plano expirado' }, {}, /renew it there/],
    ['a payment that did not come', { error: 'Instance stopped due to non-payment.' }, {}, /renew it there/],
    [
      'a payment that did not come, as Z-API says it',
      { error: 'To continue sending a message, you must subscribe to this instance again' },
      { status: 400 },
      /renew it there/,
    ],
    ['a payment that did not come, in Portuguese', { erro: 'bloqueada por inadimplência' }, {}, /renew it there/],
    ['a payment without a word', '', { status: 402 }, /renew it there/],
    ['another method', {}, { status: 405 }, /no route for probes/],
    ['a proxy’s login', '<html>', { status: 407 }, /user and a password/],
    ['a network’s login', '<html>', { status: 511 }, /user and a password/],
    ['the law', '', { status: 451 }, /block this address/],
    ['a bot challenge', '<title>Attention Required! | Cloudflare</title>', { status: 403 }, /exempt its address/],
    ['a proxy alone', '<title>502 Bad Gateway</title>', { status: 502 }, /whether the gateway behind it is up/],
    ['another router', { message: 'Cannot GET /acme/v1/551/instance' }, { status: 404 }, /does not have the routes/],
    ['another router’s page', '<pre>Cannot GET /acme</pre>', { status: 404 }, /check baseUrl and the proxy/],
    ['compression', gzipSync('{"state":"open"}'), {}, /compressed/],
    ['a long answer', '', { truncated: true }, /is short/],
    ['no answer', '', { status: 204 }, /without saying anything/],
    ['half an answer', '{"state":"op', {}, /broken or cut off/],
    ['a contradiction', { state: 'open' }, { status: 500 }, /two things at once/],
  ])('of %s', (_what, body, rest, remedy) => {
    const { cause, detail } = probe(body, rest);
    expect(remedyFor(cause, detail)).toMatch(remedy);
    expect(remedyFor(cause, detail)).not.toMatch(/statePath|stateWords/);
  });

  it.each([
    [{ state: 'frobnicated' }, 200, /stateWords/],
    [{ instance: {} }, 200, /statePath/],
    [{ error: 'Unauthorized' }, 401, /make a new one/],
    [{ message: 'Instance not found' }, 404, /phoneNumberId/],
    [{}, 500, /its log/],
  ])('as its cause says where the answer says no more: %j', (body, status, remedy) => {
    const { cause, detail } = probe(body, { status });
    expect(remedyFor(cause, detail)).toMatch(remedy);
  });
});
