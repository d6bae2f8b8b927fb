import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../core/verdict.ts';
import type { Cause } from '../../core/verdict.ts';
import {
  encodePathPart,
  fillTemplate,
  isHeaderValue,
  normalizeWord,
  parseWordMeaning,
  pathBuilder,
  WORD_CAUSES,
} from './profile.ts';
import { builtInProfiles } from './built-in.ts';

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

describe('paths', () => {
  const path = pathBuilder('/{username}/v1/{phoneNumberId}/x/{phoneNumberId}', 'ac/me');

  it('are filled in, wherever and however often', () => {
    expect(path('551')).toBe('/ac%2Fme/v1/551/x/551');
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
    expect(pathBuilder('/{username}', '{phoneNumberId}')('1')).toBe('/%7BphoneNumberId%7D');
  });

  it('with an unknown placeholder show that the profile is wrong', () => {
    expect(() => fillTemplate('/{userName}', { username: 'a' })).toThrow(/\{userName\}/u);
    expect(() => fillTemplate('/{toString}', {})).toThrow(TypeError);
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

describe.each([...builtInProfiles])('the built-in profile %s', (name, profile) => {
  it('goes by its own name', () => {
    expect(profile.name).toBe(name);
  });

  it('says for no word two things, and only what a word may mean', () => {
    const seen = new Map<string, Cause>();
    for (const [cause, words] of Object.entries(profile.words) as [Cause, readonly string[]][]) {
      expect(WORD_CAUSES).toContain(cause);
      for (const word of words) {
        expect(seen.get(normalizeWord(word)), word).toBeUndefined();
        seen.set(normalizeWord(word), cause);
      }
    }
  });

  it('has paths and headers that can be filled in', () => {
    for (const { path } of [profile.probe, profile.restart])
      expect(pathBuilder(path, 'acme')('551')).toMatch(/^\/[^{}]+$/u);
    for (const header of Object.values(profile.headers)) {
      expect(fillTemplate(header, { token: 't', username: 'u' })).not.toMatch(/[{}]/u);
    }
  });

  it('is a GET, so it changes nothing and may be repeated', () => {
    expect(profile.probe.method).toBe('GET');
  });
});
