import { describe, expect, it } from 'vitest';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import { BUILT_IN_GATEWAYS } from '../../config/gateways/built-in.ts';
import { builtIn } from '../../../test/gateway/answers.ts';
import { compileTemplate, encodePathPart, isHeaderValue } from './templates.ts';
import { normalizeWord, parseWordMeaning, WORD_CAUSES } from './words.ts';

describe('the meaning of a state word', () => {
  it.each([
    ['healthy', 'connected'],
    ['unhealthy', 'disconnected'],
    ['transitional', 'connecting'],
    ['needs_human', 'pairing_required'],
    ['inconclusive', 'unknown_state'],
    ['needs_human/banned', 'banned'],
    ['needs_human/not_found', 'not_found'],
    ['unhealthy/server_error', 'server_error'],
    ['unhealthy/conflict', 'conflict'],
    ['unhealthy/stopped', 'stopped'],
    ['inconclusive/rate_limited', 'rate_limited'],
  ])('"%s" stands for %s', (text, cause) => expect(parseWordMeaning(text)).toBe(cause));

  it.each([
    '',
    'Healthy',
    'sick',
    'connected',
    'healthy/disconnected',
    'healthy/',
    '/connected',
    'healthy/connected/now',
    'toString',
    '__proto__',
    'unhealthy/timeout',
    'unhealthy/stuck_connecting',
    'needs_human/restart_unsupported',
    'inconclusive/aborted',
    'inconclusive/not_the_gateway',
    'needs_human/stopped',
  ])('"%s" stands for nothing', (text) => expect(parseWordMeaning(text)).toBeNull());

  it('can be written for every cause that a word may have', () => {
    for (const cause of WORD_CAUSES) expect(parseWordMeaning(`${verdictOf(cause)}/${cause}`)).toBe(cause);
  });
});

describe('templates', () => {
  const account = { username: 'ac/me', token: 'acc' };

  it.each([
    ['/{username}/v1/{phoneNumberId}/x/{id}', '/ac%2Fme/v1/551/x/551'],
    ['/plain', '/plain'],
    ['/{token}?key={id}&u={username}', '/own?key=551&u=ac%2Fme'],
  ])('%s is filled in, wherever and however often', (template, path) => {
    expect(compileTemplate(template, account, encodePathPart)({ phoneNumberId: '551', token: 'own' })).toBe(path);
  });

  it('take the token of the account where the instance has none of its own', () => {
    expect(compileTemplate('Bearer {token}', account)({ phoneNumberId: '551' })).toBe('Bearer acc');
  });

  it.each([
    ['a/b', 'a%2Fb'],
    ['..', '%2E%2E'],
    ['.', '%2E'],
    ['...', '...'],
    ['a?b#c d%', 'a%3Fb%23c%20d%25'],
    ['ç', '%C3%A7'],
    ['\u{d800}x', '%EF%BF%BDx'],
    ['\r\nHost: evil', '%0D%0AHost%3A%20evil'],
  ])('have %j encoded as %s', (part, encoded) => expect(encodePathPart(part)).toBe(encoded));

  it('are not filled in twice', () => {
    const path = compileTemplate('/{username}', { username: '{phoneNumberId}' }, encodePathPart);
    expect(path({ phoneNumberId: '1' })).toBe('/%7BphoneNumberId%7D');
  });

  it('with an unknown placeholder show that the profile is wrong', () => {
    expect(() => compileTemplate('/{userName}', { username: 'a' })).toThrow(/\{userName\}/u);
    expect(() => compileTemplate('/{toString}', {})).toThrow(TypeError);
  });
});

describe('a header value', () => {
  it.each(['', 'abc 123', 'é', '\t~'])('may be %j', (text) => {
    expect(isHeaderValue(text)).toBe(true);
  });

  it.each(['a\n', 'a\rb', '\u{0}', '\u{7f}', '…', '😀'])('may not be %j', (text) => {
    expect(isHeaderValue(text)).toBe(false);
  });
});

describe.each(BUILT_IN_GATEWAYS)('the built-in gateway %s', (name) => {
  const profile = builtIn(name);

  it('gives no word two meanings', () => {
    const seen = new Map<string, Cause>();
    for (const [cause, words] of Object.entries(profile.state.words) as [Cause, readonly string[]][]) {
      for (const word of words) {
        expect(seen.get(normalizeWord(word)), word).toBeUndefined();
        seen.set(normalizeWord(word), cause);
      }
    }
  });

  it('is probed by GET, which changes nothing and may be repeated', () => {
    expect(profile.probe.method).toBe('GET');
    expect(profile.detail?.request.method ?? 'GET').toBe('GET');
  });

  it('says how it is known', () => {
    expect(profile.known.by).not.toBe('own');
    expect(profile.known.sources.length).toBeGreaterThan(0);
    expect(profile.known.versions).not.toBeNull();
  });
});
