import { describe, expect, it } from 'vitest';
import { compileClassifier } from '../../src/gateway/answers/classify.ts';
import { compileConditions } from '../../src/gateway/answers/conditions.ts';
import { healthOf } from '../../src/gateway/answers/health.ts';
import type { ListResult } from '../../src/gateway/gateway.ts';
import type { GatewayRequest, Profile } from '../../src/gateway/profiles/profile.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { builtIn } from './answers.ts';
import { CAPTURED_GATEWAYS, captureNames, readCapture, type Capture } from './captures.ts';

// Written from the situation that stands in the first line of each capture: what was asked, and what the answer means. The
// word after the kind is the cause, or the outcome with the reason why no repetition helps. `foreign` is a call that the
// gateway's profile does not make, and so must not.
const EXPECTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  evolution: {
    'connect-close': 'remedy: accepted',
    'connect-database-down': 'remedy: accepted',
    'connect-logged-out': 'remedy: accepted',
    'connect-open': 'remedy: accepted',
    create: 'foreign',
    delete: 'foreign',
    health: 'health: up',
    'health-database-down': 'health: up',
    // What the database says of them is not how they are.
    list: 'list: wd2 none, wd1 none',
    'list-database-down': 'list: server_error',
    'list-empty': 'list: ',
    'list-instance-token': 'list: wd5 none',
    'list-lost': 'list: wd2 none, wd1 none, wd3 pairing_required',
    'list-one-logged-out': 'detail: pairing_required',
    'list-one-logged-out-by-whatsapp': 'detail: pairing_required',
    'list-one-lost': 'detail: nothing',
    'list-one-qr': 'detail: pairing_required',
    'list-one-unknown': 'detail: nothing',
    'list-wrong-key': 'list: unauthorized',
    'logout-close': 'foreign',
    metrics: 'foreign',
    'restart-after-delete': 'remedy: rejected, not_found',
    'restart-close': 'remedy: rejected',
    'restart-connecting': 'remedy: accepted',
    'restart-database-down': 'remedy: accepted',
    'restart-lost-database-down': 'remedy: accepted',
    'restart-open': 'remedy: accepted',
    'restart-qr': 'remedy: accepted',
    'restart-unknown': 'remedy: rejected, not_found',
    'restart-wrong-key': 'remedy: rejected, unauthorized',
    'restart-wrong-method': 'wrong method: rejected, restart_unsupported',
    'send-logged-out': 'send: rejected',
    'send-open': 'send: accepted',
    'send-unknown': 'send: rejected',
    'send-wrong-key': 'send: rejected',
    'state-after-connect': 'probe: disconnected',
    'state-after-delete': 'probe: not_found',
    'state-after-delete-3s': 'probe: not_found',
    'state-after-delete-looping': 'probe: not_found',
    'state-after-delete-looping-3s': 'probe: not_found',
    'state-after-restart': 'probe: disconnected',
    'state-after-restart-open': 'probe: connected',
    'state-close': 'probe: disconnected',
    'state-connecting': 'probe: connecting',
    'state-database-down': 'probe: connected',
    'state-instance-token': 'probe: disconnected',
    'state-logged-out': 'probe: disconnected',
    // No state shows that: only its silence does.
    'state-lost-database-down': 'probe: connected',
    'state-no-key': 'probe: unauthorized',
    'state-open': 'probe: connected',
    'state-qr': 'probe: connecting',
    'state-token-of-other': 'probe: unauthorized',
    'state-unknown': 'probe: not_found',
    'state-unknown-database-down': 'probe: server_error',
    'state-wrong-key': 'probe: unauthorized',
    // It looks for the instance first.
    'state-wrong-key-unknown': 'probe: not_found',
  },
  'evolution-v1': {
    'connect-close': 'remedy: accepted',
    create: 'foreign',
    health: 'health: up',
    list: 'list: wd1 disconnected',
    'restart-close': 'remedy: rejected',
    'restart-close-looping': 'remedy: rejected',
    'restart-unknown': 'remedy: rejected, not_found',
    'restart-wrong-key': 'remedy: rejected, unauthorized',
    'restart-wrong-method': 'wrong method: rejected, restart_unsupported',
    'state-after-connect': 'probe: disconnected',
    'state-close': 'probe: disconnected',
    'state-unknown': 'probe: not_found',
    'state-wrong-key': 'probe: unauthorized',
  },
  'wwebjs-api': {
    health: 'health: up',
    list: 'list: s1 none',
    'list-during-restart': 'list: ',
    'list-empty': 'list: ',
    qr: 'foreign',
    'qr-not-ready': 'foreign',
    'qr-unknown': 'foreign',
    'restart-browser-hung': 'no answer',
    'restart-conflict': 'remedy: accepted',
    'restart-connected': 'remedy: accepted',
    'restart-opening': 'no answer',
    'restart-session-closed': 'remedy: accepted',
    'restart-timeout': 'remedy: accepted',
    'restart-unknown': 'remedy: rejected, not_found',
    'restart-unpaired': 'remedy: accepted',
    'restart-wrong-key': 'remedy: rejected, unauthorized',
    'restart-wrong-method': 'wrong method: rejected, restart_unsupported',
    'send-connected': 'send: accepted',
    'send-unknown': 'send: rejected',
    'send-unpaired': 'send: rejected',
    'send-wrong-key': 'send: rejected',
    'start-already-running': 'remedy: rejected',
    'start-offline': 'remedy: rejected',
    'start-ok': 'remedy: accepted',
    'status-after-failed-start': 'probe: disconnected, if known before',
    'status-after-late-restart': 'probe: connected',
    'status-after-restart': 'probe: connected',
    'status-after-restart-conflict': 'probe: conflict',
    'status-after-restart-timeout': 'probe: disconnected',
    'status-after-restart-unpaired': 'probe: pairing_required',
    'status-bad-name': 'probe: not_found',
    'status-browser-hung': 'no answer',
    'status-browser-hung-after-restart': 'no answer',
    'status-browser-killed': 'probe: disconnected',
    'status-conflict': 'probe: conflict',
    'status-connected': 'probe: connected',
    'status-deprecated-version': 'probe: disconnected',
    'status-during-restart': 'probe: disconnected, if known before',
    'status-no-key': 'probe: unauthorized',
    'status-null': 'probe: disconnected',
    'status-opening': 'probe: connecting',
    'status-pairing': 'probe: connecting',
    'status-proxyblock': 'probe: banned',
    'status-smb-tos-block': 'probe: banned',
    'status-timeout': 'probe: disconnected',
    'status-tos-block': 'probe: banned',
    'status-unknown': 'probe: disconnected, if known before',
    'status-unlaunched': 'probe: connecting',
    'status-unpaired': 'probe: pairing_required',
    'status-unpaired-idle': 'probe: pairing_required',
    'status-wrong-key': 'probe: unauthorized',
  },
  wuzapi: {
    'connect-after-disconnect': 'remedy: accepted',
    'connect-connected': 'remedy: rejected',
    'connect-logged-out': 'remedy: accepted',
    // Nothing but a new process helps.
    'connect-lost': 'remedy: rejected',
    'connect-never-linked': 'remedy: accepted',
    'connect-qr': 'remedy: rejected',
    'connect-wrong-token': 'remedy: rejected, unauthorized',
    create: 'foreign',
    'disconnect-connected': 'remedy: accepted',
    'disconnect-lost': 'remedy: rejected',
    'disconnect-never-connected': 'remedy: rejected',
    'disconnect-qr': 'remedy: rejected',
    'list-connected': 'list: shop-1 connected',
    'list-empty': 'list: ',
    'list-logged-out': 'list: shop-1 disconnected',
    'list-lost': 'list: shop-1 disconnected',
    'list-never-connected': 'list: shop-1 disconnected',
    'list-qr': 'list: shop-1 pairing_required',
    'list-wrong-token': 'list: unauthorized',
    'restart-wrong-method': 'wrong method: rejected, restart_unsupported',
    'send-connected': 'send: accepted',
    'send-never-connected': 'send: rejected',
    'send-qr': 'send: rejected',
    'status-after-connect': 'probe: connected',
    'status-after-connect-lost': 'probe: disconnected',
    'status-after-disconnect': 'probe: disconnected',
    'status-connected': 'probe: connected',
    // It says the same as one that was only disconnected; its restart shows a QR code.
    'status-logged-out': 'probe: disconnected',
    'status-lost': 'probe: disconnected',
    'status-never-connected': 'probe: disconnected',
    'status-qr': 'probe: pairing_required',
    'status-qr-again': 'probe: pairing_required',
    'status-wrong-token': 'probe: unauthorized',
  },
  wppconnect: {
    'check-connection-browser-killed': 'detail: disconnected',
    'check-connection-initializing': 'detail: disconnected',
    'check-connection-lost': 'detail: nothing',
    'close-again': 'remedy: accepted',
    'close-browser-killed': 'remedy: accepted',
    'close-unknown': 'remedy: rejected',
    'close-while-initializing': 'remedy: rejected',
    'close-with-browser': 'remedy: rejected',
    health: 'health: up',
    list: 'list: s1 none',
    'list-wrong-secret': 'list: unauthorized',
    'send-connected': 'send: accepted',
    'send-never-started': 'send: rejected',
    'send-qr': 'send: rejected',
    'send-wrong-token': 'send: rejected',
    'start-browser-killed': 'remedy: rejected',
    'start-closed': 'remedy: accepted',
    'start-while-initializing': 'remedy: rejected',
    'status-after-close': 'probe: disconnected, if known before',
    'status-after-close-2': 'probe: disconnected, if known before',
    'status-after-gateway-start': 'probe: connecting',
    // The second question tells.
    'status-browser-killed': 'probe: connected',
    'status-closed-after-timeout': 'probe: disconnected, if known before',
    'status-connected': 'probe: connected',
    'status-initializing': 'probe: connecting',
    'status-initializing-stuck': 'probe: connecting',
    'status-no-token': 'probe: unauthorized',
    'status-page-loaded': 'probe: connecting',
    'status-qr': 'probe: pairing_required',
    'status-token-of-other': 'probe: unauthorized',
    'status-unknown': 'probe: disconnected, if known before',
    // No state shows that: only its silence does.
    'status-whatsapp-lost': 'probe: connected',
    'status-wrong-token': 'probe: unauthorized',
  },
  waha: {
    create: 'foreign',
    health: 'foreign',
    list: 'list: default connecting',
    'list-after-stop': 'list: default connecting',
    'list-empty': 'list: default stopped',
    'list-working': 'list: default connected',
    ping: 'health: up',
    'restart-failed': 'remedy: accepted',
    'restart-get': 'wrong method: rejected, restart_unsupported',
    'restart-other-name': 'remedy: rejected, not_found',
    'restart-scan-qr': 'remedy: accepted',
    'restart-starting': 'remedy: accepted',
    'restart-unknown': 'remedy: accepted',
    'send-not-working': 'send: rejected',
    'send-other-name': 'send: rejected',
    'send-stopped': 'send: rejected',
    'send-working': 'send: accepted',
    'server-status': 'foreign',
    'start-stopped': 'foreign',
    'status-10s': 'probe: connecting',
    'status-after-restart': 'probe: connecting',
    'status-browser-hung': 'probe: server_error',
    'status-browser-killed': 'probe: connecting',
    'status-browser-killed-10s': 'probe: pairing_required',
    'status-other-name': 'probe: not_found',
    'status-page-conflict': 'probe: conflict',
    'status-page-timeout': 'probe: disconnected',
    'status-page-unpaired': 'probe: pairing_required',
    'status-scan-qr': 'probe: pairing_required',
    'status-starting': 'probe: connecting',
    'status-stopped': 'probe: stopped, if known before',
    'status-unknown': 'probe: stopped, if known before',
    'status-working': 'probe: connected',
    'status-wrong-key': 'probe: stopped, if known before',
    stop: 'foreign',
  },
};

/** Whether it is this request, of whichever instance and with whichever secret. */
function isRequest(request: GatewayRequest, { method, path, body }: Capture): boolean {
  const sent = request.body === undefined ? '' : JSON.stringify(request.body);
  return request.method === method && fits(path, request.path) && fits(body, sent);
}

/** Whether a text is what a template becomes. What is filled in reaches to the next sign that ends a part of a URL or of JSON. */
function fits(text: string, template: string): boolean {
  const parts = template.split(/\{\w+\}/u).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join('[^/?&"]+')}$`, 'u').test(text);
}

/** What a capture is to its gateway's profile, and what it means. */
function meaningOf(profile: Profile, capture: Capture, kind: string): string {
  const { answer } = capture;
  if (answer === null) return 'no answer';
  const classifier = compileClassifier(profile, { statePath: null, stateWords: {}, masks: new Masks(() => []) });
  const { probe, detail, health, list, remedies, send } = profile;
  const restart = (): string => {
    const { outcome, refusal } = classifier.restart(answer);
    return [outcome, refusal].filter((part) => part !== null).join(', ');
  };
  if (isRequest(probe, capture)) {
    const { cause, knownOnly } = classifier.probe(answer);
    return `probe: ${cause}${knownOnly === true ? ', if known before' : ''}`;
  }
  if (detail !== null && isRequest(detail.request, capture)) {
    return `detail: ${classifier.detail(answer)?.cause ?? 'nothing'}`;
  }
  if (health !== null && isRequest(health.request, capture)) {
    return `health: ${healthOf(answer, compileConditions(health.ok))}`;
  }
  if (list !== null && isRequest(list.request, capture)) return `list: ${listed(classifier.list(answer))}`;
  if (send !== null && isRequest(send, capture)) return `send: ${classifier.restart(answer).outcome}`;
  if (remedies.some(({ steps }) => steps.some((step) => isRequest(step, capture)))) return `remedy: ${restart()}`;
  return kind === 'foreign' ? kind : `wrong method: ${restart()}`;
}

function listed(result: ListResult): string {
  if (result.type === 'failed') return result.cause;
  return result.instances.map(({ id, cause }) => `${id} ${cause ?? 'none'}`).join(', ');
}

it('are all in the table', () => {
  const rows = Object.entries(EXPECTED).map(([gateway, row]) => [gateway, Object.keys(row).toSorted()]);
  const captures = CAPTURED_GATEWAYS.map((gateway) => [gateway, captureNames(gateway).toSorted()]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(captures));
});

describe.each(CAPTURED_GATEWAYS)('what %s answered', (gateway) => {
  it.each(captureNames(gateway))('%s', (name) => {
    const expected = EXPECTED[gateway]?.[name] ?? 'is not in the table';
    expect(meaningOf(builtIn(gateway), readCapture(gateway, name), expected)).toBe(expected);
  });
});
