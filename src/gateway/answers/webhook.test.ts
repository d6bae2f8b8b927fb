import { describe, expect, it } from 'vitest';
import { builtIn } from '../../../test/gateway/answers.ts';
import type { Conditions } from '../profiles/profile.ts';
import { compileWebhooks, parseWebhook } from './webhook.ts';

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
    expect(compileWebhooks(builtIn(gateway)).isMessage(body, event)).toBe(isOne);
  });

  it.each<[string, unknown, string | null, [string | null, string]]>([
    ['evolution', { event: 'connection.update', instance: 'shop', data: {} }, null, ['shop', 'connection']],
    // "Webhook by events" appends the name to the URL.
    ['evolution', { event: 'x', instance: 'shop' }, 'connection-update', ['shop', 'connection']],
    ['evolution', { event: 'presence.update', instance: 'shop' }, 'presence-update', ['shop', 'other']],
    ['evolution', { event: 'messages.upsert', instance: { name: 'shop' } }, null, [null, 'message']],
    ['evolution', { event: 'connection.update', instance: 'x'.repeat(257) }, null, [null, 'connection']],
    ['evolution', JSON.parse('{"__proto__":{"instance":"shop","event":"messages.upsert"}}'), null, [null, 'other']],
    ['evolution', undefined, null, [null, 'other']],
    // As its documentation writes the names.
    ['evolution', { event: 'CONNECTION_UPDATE', instance: 'shop' }, null, ['shop', 'connection']],
    ['evolution', { event: 'MESSAGES_UPSERT', instance: 'shop' }, null, ['shop', 'message']],
    ['wwebjs-api', { dataType: 'auth_failure', sessionId: 'a' }, null, ['a', 'connection']],
    ['green-api', { typeWebhook: 'statusInstanceChanged', instanceData: { idInstance: 1 } }, null, ['1', 'connection']],
    // It writes the id as a number.
    [
      'green-api',
      { typeWebhook: 'stateInstanceChanged', instanceData: { idInstance: 1101 } },
      null,
      ['1101', 'connection'],
    ],
    ['green-api', { instanceData: { idInstance: 1.5 } }, null, [null, 'other']],
    ['evolution', { event: 'send.message', instance: 'shop' }, null, ['shop', 'sent']],
    ['evolution', { instance: 'shop' }, 'send-message', ['shop', 'sent']],
    ['wppconnect', { event: 'onselfmessage', session: 'shop', ack: 0 }, null, ['shop', 'sent']],
    // It was sent with the phone.
    ['wppconnect', { event: 'onselfmessage', session: 'shop', ack: 1 }, null, ['shop', 'message']],
    ['gowa', { event: 'message', session_id: 'shop', device_id: '55@s.whatsapp.net' }, null, ['shop', 'message']],
    ['gowa', { event: 'message.ack', device_id: '55@s.whatsapp.net' }, null, ['55@s.whatsapp.net', 'other']],
  ])('of an account of %s, %j (%s), is about %j', (gateway, body, event, about) => {
    const { ofAccount } = compileWebhooks(builtIn(gateway));
    expect([ofAccount?.idsIn(body)[0] ?? null, ofAccount?.kindOf(body, event)]).toEqual(about);
  });

  it.each<[Conditions, unknown, string | null, boolean]>([
    [{ code: '10' }, { code: '20' }, '30', false],
    [{ code: '10' }, { code: '10' }, null, true],
    [{ type: '~state' }, { type: 'STATE_CHANGED' }, null, true],
    [{ type: '~state' }, { type: 'qr' }, 'state', false],
    [{ type: 'state', of: 'connection' }, { type: 'State', of: 'battery' }, null, false],
    [{ type: 'state', of: 'connection' }, { type: 'State', of: 'Connection' }, null, true],
  ])('described by %j, %j (%s) is one: %s', (message, body, event, isOne) => {
    expect(compileWebhooks({ webhook: { id: ['id'], event: null, message, sent: null } }).isMessage(body, event)).toBe(
      isOne,
    );
  });

  it('is no sign of life where it only says that a message is being sent', () => {
    const { isMessage, isSent } = compileWebhooks(builtIn('wppconnect'));
    const own = { event: 'onselfmessage', session: 'a' };
    expect([isMessage({ ...own, ack: 0 }, null), isSent({ ...own, ack: 0 }, null)]).toEqual([false, true]);
    expect([isMessage({ ...own, ack: 1 }, null), isSent({ ...own, ack: 1 }, null)]).toEqual([true, false]);
    expect(compileWebhooks(builtIn('smileapi')).isSent({ event: 'send.message' }, null)).toBe(false);
  });

  it('may name its instance in several ways', () => {
    const { ofAccount } = compileWebhooks(builtIn('gowa'));
    expect(ofAccount?.idsIn({ device_id: '55@s.whatsapp.net', session_id: 'shop' })).toEqual([
      'shop',
      '55@s.whatsapp.net',
    ]);
    expect(ofAccount?.idsIn({ device_id: 'shop', session_id: 'shop' })).toEqual(['shop']);
  });

  it.each([
    ['5511999990001@s.whatsapp.net', ['5511999990001@s.whatsapp.net', '5511999990001']],
    [
      '5511999990001:12@s.whatsapp.net',
      ['5511999990001:12@s.whatsapp.net', '5511999990001@s.whatsapp.net', '5511999990001'],
    ],
    ['5511999990001.0:12@c.us', ['5511999990001.0:12@c.us', '5511999990001@c.us', '5511999990001']],
    // Whose phone number that is, it does not say.
    ['5511999990001:12@lid', ['5511999990001:12@lid']],
    ['5511999990001@g.us', ['5511999990001@g.us']],
    ['shop@s.whatsapp.net', ['shop@s.whatsapp.net']],
    ['5511999990001', ['5511999990001']],
    [5511999990001, ['5511999990001']],
    [{ user: '5511999990001' }, []],
  ])('names the instance %j by any of %j', (device, ids) => {
    expect(compileWebhooks(builtIn('gowa')).ofAccount?.idsIn({ device_id: device })).toEqual(ids);
  });

  it('says nothing of an account where the gateway does not describe it', () => {
    expect(compileWebhooks(builtIn('smileapi')).ofAccount).toBeNull();
  });
});

describe('the body of a webhook', () => {
  const form = 'application/x-www-form-urlencoded; charset=utf-8';

  it.each<[string, string, unknown]>([
    ['{"event":"x"}', 'text/plain', { event: 'x' }],
    ['{"event":', 'application/json', undefined],
    ['{"event":"x"}', form, { event: 'x' }],
    ['', 'application/json', undefined],
    ['event=x&instance=a+b', form, { event: 'x', instance: 'a b' }],
    ['instanceName=shop&jsonData=%7B%22type%22%3A%22Message%22%7D', form, { type: 'Message', instanceName: 'shop' }],
    ['\u{feff}{"instance":"a"}', 'application/json', { instance: 'a' }],
    ['instanceName=shop&jsonData=%7B', form, { instanceName: 'shop', jsonData: '{' }],
    ['instanceName=shop&jsonData=1', form, { instanceName: 'shop', jsonData: '1' }],
  ])('%s as %s is %j', (text, type, body) => {
    const read = parseWebhook(text, type);
    if (body === undefined) expect(read).toBeUndefined();
    else expect(read).toMatchObject(body as object);
  });
});
