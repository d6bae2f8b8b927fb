import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { message, notice, receiverSettings } from '../../test/notify/notices.ts';
import { Masks } from '../redaction/masks.ts';
import { requestOf } from './request.ts';

const SECRET = 'whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==';
const NONE = new Masks(() => []);

describe('a request', () => {
  it.each(['cloudevents', 'standard', 'slack'] as const)(
    'of the format %s is signed so that the library takes it',
    (format) => {
      const settings = receiverSettings({ format, secret: SECRET });
      const { headers, body } = requestOf(message(notice()), settings, NONE, Date.now());
      expect(new Webhook(SECRET).verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow('No matching signature');
      expect(() => new Webhook('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA').verify(body, headers)).toThrow();
    },
  );

  it('keeps its id when it is repeated, and has the time of the attempt', () => {
    const settings = receiverSettings({ secret: SECRET });
    const first = requestOf(message(notice()), settings, NONE, 1_000_000);
    const second = requestOf(message(notice()), settings, NONE, 2_000_000);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect([first, second].map(({ headers }) => headers['webhook-timestamp'])).toEqual(['1000', '2000']);
    expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature']);
  });

  it('without a secret is not signed', () => {
    expect(requestOf(message(notice()), receiverSettings(), NONE, 0).headers).not.toHaveProperty('webhook-signature');
  });
});
