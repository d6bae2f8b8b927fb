import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { ENGLISH, message, notice, receiverSettings } from '../../../test/notify/notices.ts';
import type { ReceiverSettings } from '../../core/notification.ts';
import type { EpochMs } from '../../core/time.ts';
import { Masks } from '../../redaction/masks.ts';
import { requestOf as anyRequest, type WebhookRequest } from './request.ts';

const SECRET = 'whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==';
const NONE = new Masks(() => []);

/** Requests that are no mail. */
const requestOf = (settings: ReceiverSettings, wall: EpochMs): WebhookRequest =>
  anyRequest(message(notice()), settings, NONE, wall, ENGLISH) as WebhookRequest;

describe('a request', () => {
  it.each(['cloudevents', 'standard', 'slack'] as const)(
    'of the format %s is signed so that the library takes it',
    (format) => {
      const settings = receiverSettings({ format, secret: SECRET });
      const { headers, body } = requestOf(settings, Date.now());
      expect(new Webhook(SECRET).verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow('No matching signature');
      expect(() => new Webhook('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA').verify(body, headers)).toThrow();
    },
  );

  it('keeps its id when it is repeated, and has the time of the attempt', () => {
    const settings = receiverSettings({ secret: SECRET });
    const first = requestOf(settings, 1_000_000);
    const second = requestOf(settings, 2_000_000);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect([first, second].map(({ headers }) => headers['webhook-timestamp'])).toEqual(['1000', '2000']);
    expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature']);
  });

  it('without a secret is not signed', () => {
    expect(requestOf(receiverSettings(), 0).headers).not.toHaveProperty('webhook-signature');
  });

  it.each([
    ['ntfy', 'https://ntfy.example/alerts', 'https://ntfy.example/'],
    ['ntfy', 'https://push.example/ntfy/alerts', 'https://push.example/ntfy'],
    ['alertmanager', 'http://am:9093', 'http://am:9093/api/v2/alerts'],
    ['alertmanager', 'http://am:9093/api/v2/alerts', 'http://am:9093/api/v2/alerts'],
    ['apprise', 'http://apprise:8000/notify/ops', 'http://apprise:8000/notify/ops'],
  ] as const)('of the format %s to %s goes to %s, with the token where there is one', (format, url, to) => {
    const request = requestOf(receiverSettings({ format, url, token: 'tk_1' }), 0);
    expect(request).toMatchObject({ url: to, headers: { authorization: 'Bearer tk_1' } });
    expect(requestOf(receiverSettings({ format, url }), 0).headers).not.toHaveProperty('authorization');
  });
});
