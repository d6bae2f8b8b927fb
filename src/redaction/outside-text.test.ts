import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masks } from './masks.ts';
import { redactText } from './outside-text.ts';

const NONE = new Masks(() => []);
const digits = new Masks(() => ['0123456789']);

describe('text from outside', () => {
  it('has no half of a secret left where it is cut', () => {
    for (let limit = 1; limit < 40; limit += 1) {
      expect(redactText('before 0123456789 after', digits, limit)).not.toMatch(/\d/u);
    }
    const long = `x${'z1'.repeat(2_000)}`;
    expect(redactText(`${long} ${long} ${long}`, new Masks(() => [long]), 20)).toBe('*** *** …');
  });

  it('stays one line and cannot steer a terminal', () => {
    expect(redactText('a\r\nb\u{1b}[31mc\u{202e}d\u{0}\u{2028}e\u{9b}1m', NONE, 100)).toBe('a bcd e');
  });

  it.each(['\u{200b}', '\u{ad}', '\u{61c}', '\u{feff}', '\u{e0041}', '\u{fe0f}', '\u{e0100}', '\u{3164}', '\u{fff9}'])(
    'has no invisible character left (%j)',
    (character) => {
      expect(redactText(`a${character}b`, NONE, 10)).toBe('ab');
    },
  );

  it('is bounded, and says so', () => {
    expect(redactText('x'.repeat(1_000_000), NONE, 10)).toBe('xxxxxxxxx…');
    expect(redactText('x'.repeat(10), NONE, 10)).toBe('xxxxxxxxxx');
    expect(redactText('ab😀😀', NONE, 4)).toBe('ab…');
  });

  it('never holds the secret, never exceeds its bound, never breaks the line', () => {
    const secret = fc.string({ minLength: 4, maxLength: 20 }).filter((text) => !text.includes('*'));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), fc.integer({ min: 1, max: 80 }), (token, before, after, limit) => {
        const clean = redactText(`${before}${token}${after}`, new Masks(() => [token]), limit);
        expect(clean).not.toContain(token);
        expect(clean.length).toBeLessThanOrEqual(limit);
        expect(clean).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
