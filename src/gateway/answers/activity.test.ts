import { describe, expect, it } from 'vitest';
import { BUILT_IN_GATEWAYS, builtInGateway } from '../../config/gateways/built-in.ts';
import { compileActivity } from './activity.ts';
import type { Answer } from './answer.ts';

const answerOf = (body: unknown): Answer =>
  ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) }) as unknown as Answer;

describe('a webhook', () => {
  it.each<[string, unknown, string | null, boolean]>([
    ['evolution', { event: 'messages.upsert', instance: 'a', apikey: 'x' }, null, true],
    ['evolution', { event: 'connection.update', instance: 'a' }, null, false],
    ['evolution', undefined, 'messages-upsert', true],
    ['evolution', undefined, 'connection-update', false],
    ['waha', { event: 'message.any', session: 'a' }, null, true],
    ['waha', { event: 'session.status', session: 'a' }, null, false],
    ['wwebjs-api', { dataType: 'message', sessionId: 'a' }, null, true],
    ['wppconnect', { event: 'onmessage', session: 'a' }, null, true],
    ['z-api', { type: 'ReceivedCallback' }, null, true],
    ['z-api', { type: 'DisconnectedCallback' }, null, false],
    ['green-api', { typeWebhook: 'incomingMessageReceived' }, null, true],
    // Nothing is known of the webhooks of this one.
    ['smileapi', { event: 'message' }, null, true],
    ['smileapi', { EventType: 'messages' }, null, true],
    ['smileapi', { event: 'qrcode' }, null, false],
    ['smileapi', { event: 'x'.repeat(100_000) }, null, false],
    ['smileapi', ['message'], null, false],
    ['smileapi', null, 'message', true],
    ['smileapi', '__proto__', '__proto__', false],
  ])('of %s %j (%s) reports a message: %s', (gateway, body, event, isOne) => {
    const profile = builtInGateway(gateway)?.profile;
    if (profile === undefined) throw new Error(`${gateway} is not among ${BUILT_IN_GATEWAYS.join(', ')}`);
    expect(compileActivity(profile).isMessage(body, event)).toBe(isOne);
  });
});

it.each<[unknown, number | null]>([
  [1_700_000_000, 1_700_000_000_000],
  [1_700_000_000_500, 1_700_000_000_500],
  ['1700000000', 1_700_000_000_000],
  ['2026-11-29T10:00:00Z', Date.parse('2026-11-29T10:00:00Z')],
  ...['', 'never', '2026', 0, -5, null, true, {}, [1], Number.MAX_VALUE * 2].map((value): [unknown, number | null] => [
    value,
    value === '2026' ? 2_026_000 : null,
  ]),
])('what an answer says of the last message, %j, is %s', (value, at) => {
  const { lastIn } = compileActivity({ activityAt: 'data.last', webhook: null });
  expect(lastIn(answerOf({ data: { last: value } }))).toBe(at);
  expect(compileActivity({ activityAt: null, webhook: null }).lastIn(answerOf({ data: { last: value } }))).toBeNull();
});
