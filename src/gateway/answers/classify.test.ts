import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAUSES, isCause, verdictOf, type Cause } from '../../core/verdict.ts';
import { answer, builtIn, compile, probe, restart, TOKEN } from '../../../test/gateway/answers.ts';
import type { Answer } from './answer.ts';
import { Masks } from '../../redaction/masks.ts';
import type { ClassifierOptions } from './classify.ts';

/** Every state word that the documentation of a gateway, or a running one, is known to give. */
type WordsByCause = Readonly<Partial<Record<Cause, readonly string[]>>>;

const WORDS: Readonly<Record<string, WordsByCause>> = {
  'Evolution API and CodeChat': {
    connected: ['open'],
    connecting: ['connecting'],
    disconnected: ['close'],
    pairing_required: ['refused'],
  },
  WAHA: {
    connected: ['WORKING'],
    connecting: ['STARTING'],
    pairing_required: ['SCAN_QR_CODE'],
    disconnected: ['FAILED'],
    stopped: ['STOPPED'],
  },
  'wwebjs-api': {
    connected: ['CONNECTED'],
    connecting: ['OPENING', 'PAIRING', 'UNLAUNCHED'],
    disconnected: ['TIMEOUT', 'DEPRECATED_VERSION'],
    conflict: ['CONFLICT'],
    pairing_required: ['UNPAIRED', 'UNPAIRED_IDLE'],
    banned: ['TOS_BLOCK', 'SMB_TOS_BLOCK', 'PROXYBLOCK'],
    not_found: ['session_not_found'],
  },
  'WPPConnect server': {
    connected: ['CONNECTED'],
    connecting: ['INITIALIZING'],
    pairing_required: ['QRCODE', 'PHONECODE'],
    disconnected: ['CLOSED'],
  },
  'Green-API': {
    connected: ['authorized'],
    connecting: ['starting', 'sleepMode'],
    pairing_required: ['notAuthorized'],
    banned: ['blocked', 'yellowCard', 'suspended'],
  },
  'UltraMsg and uazapi': {
    connected: ['authenticated', 'connected'],
    connecting: ['connecting'],
    disconnected: ['disconnected'],
  },
  'Z-API': {
    connected: ['You are already connected.'],
    disconnected: ['You are not connected.', 'You need to restore the session.'],
  },
  Baileys: { conflict: ['connectionReplaced', 'replaced'] },
  'everyday words': { pairing_required: ['logged out', 'qr'], banned: ['banned'], disconnected: ['Not connected.'] },
  Portuguese: {
    connected: ['conectado', 'CONECTADA', 'Autenticado'],
    connecting: ['conectando', 'Reconectando', 'iniciando'],
    disconnected: [
      'desconectado',
      'Desconectada',
      'Não conectado',
      'NÃO CONECTADA',
      'nao conectado',
      'n&atilde;o conectado',
      'fechada',
    ],
    stopped: ['parado'],
    pairing_required: ['deslogado', 'Aguardando QR Code'],
    banned: ['banido', 'Bloqueada'],
    not_found: ['não encontrada'],
  },
  Spanish: {
    connected: ['conectado', 'abierta'],
    connecting: ['conectando', 'reconectando'],
    disconnected: ['desconectada', 'No conectado', 'no conectada.', 'cerrado', 'Sin conexión'],
    stopped: ['detenida'],
    pairing_required: ['Esperando QR'],
    banned: ['baneado'],
    not_found: ['no encontrada'],
  },
  'whole sentences': {
    connected: ['Instância conectada', 'La sesión está conectada'],
    connecting: ['Sessão reconectando'],
    disconnected: [
      'Instância não conectada',
      'The "support" instance is not connected',
      'La instancia no está conectada',
    ],
  },
};

describe.each(Object.entries(WORDS))('the state words of %s', (_gateway, words) => {
  const rows = Object.entries(words).flatMap(([cause, list]) => list.map((word) => [word, cause] as const));
  it.each(rows)('"%s" is %s', (word, cause) => {
    expect(probe({ state: word }).cause).toBe(cause);
    expect(probe({ status: 200, instance: { status: word } }).cause).toBe(cause);
  });
});

describe('the connection state', () => {
  it.each(
    ['', 'instance.', 'data.'].flatMap((root) =>
      ['state', 'connectionState', 'connectionStatus'].map((key) => root + key),
    ),
  )('is found at %s', (path) => {
    expect(probe(nest(path, 'open'))).toEqual({ cause: 'connected', detail: null, retryAfter: null });
    expect(probe(nest(path, 'close'))).toEqual({ cause: 'disconnected', detail: `${path} "close"`, retryAfter: null });
  });

  it.each(['instance.status', 'data.status'])('is found at %s', (path) => {
    expect(probe(nest(path, 'WORKING')).cause).toBe('connected');
  });

  it.each(['connected', 'instance.connected', 'data.connected'])('is found as a boolean at %s', (path) => {
    expect(probe(nest(path, true)).cause).toBe('connected');
    expect(probe(nest(path, false))).toMatchObject({ cause: 'disconnected', detail: `${path} false` });
  });

  it('is not the status at the top, which repeats the HTTP status', () => {
    expect(probe({ status: 'open' }).cause).toBe('unknown_state');
  });

  it.each(['OPEN', ' open ', 'Open', 'o-p_e n'])(
    'is read without regard to case, blanks, dashes and underscores: %j',
    (word) => expect(probe({ state: word }).cause).toBe('connected'),
  );

  it.each(['disopen', 'not connected yet', 'connectedness', 'constructor', '__proto__', 'toString'])(
    'is not guessed from a part of a word: %j',
    (word) => {
      expect(probe({ state: word })).toMatchObject({
        cause: 'unknown_state',
        detail: `state ${JSON.stringify(word)} has no known meaning`,
      });
    },
  );

  it('may stand beside words without a known meaning', () => {
    expect(probe({ state: 'frobnicated', data: { state: 'open' } }).cause).toBe('connected');
    expect(probe({ state: 'frobnicated', data: { state: 'close' } }).cause).toBe('disconnected');
  });

  it('is unknown when the answer contradicts itself', () => {
    expect(probe({ state: 'open', connected: false })).toMatchObject({
      cause: 'unknown_state',
      detail: 'the answer contradicts itself: state "open", connected false',
    });
    expect(probe({ instance: { state: 'open', status: 'qr' } }).cause).toBe('unknown_state');
  });

  it.each([
    [{ state: 'close', instance: { state: 'qr' } }, 'pairing_required'],
    [{ state: 'connecting', instance: { state: 'banned' } }, 'banned'],
    [{ state: 'close', instance: { state: 'connecting' } }, 'connecting'],
    [{ state: 'connecting', connected: false }, 'connecting'],
    [{ state: 'close', connected: false }, 'disconnected'],
  ])('is the one that calls for the most care when several are sick: %j', (body, cause) => {
    expect(probe(body).cause).toBe(cause);
  });

  it('is missing, never healthy, when only its place is there', () => {
    for (const state of [null, '', '  ', 0, 1, [], {}, ['open'], { state: 'open' }]) {
      expect(probe({ state }).cause).toBe('unknown_state');
    }
    expect(probe({ connected: 'true' }).cause).toBe('unknown_state');
    expect(probe({ connected: 1 }).cause).toBe('unknown_state');
    expect(probe({ instance: { instanceName: 'wd1' } })).toMatchObject({
      cause: 'unknown_state',
      detail: 'the answer names no connection state',
    });
  });

  it('counts after the profile’s positive sign only where there is no word at all', () => {
    expect(probe({ status: 200 })).toEqual({ cause: 'responding', detail: null, retryAfter: null });
    expect(probe({ status: 'success', message: 'hello' }).cause).toBe('responding');
    expect(probe({ status: 200, data: { state: 'close' } }).cause).toBe('disconnected');
    expect(probe({ status: 200, data: { state: 'frobnicated' } }).cause).toBe('unknown_state');
    expect(probe({ status: '200' }).cause).toBe('unknown_state');
    expect(probe({ status: 201 }).cause).toBe('unknown_state');
  });
});

describe('a session that WhatsApp ended', () => {
  it.each<[string, object, Cause]>([
    ['logged out', { instance: { state: 'close', statusReason: 401 } }, 'pairing_required'],
    ['forbidden', { state: 'close', disconnectionReasonCode: 403 }, 'banned'],
    ['replaced', { data: { state: 'close' }, lastDisconnect: { error: { output: { statusCode: 440 } } } }, 'conflict'],
    ['lost for a reason that a restart may cure', { state: 'close', statusReason: 428 }, 'disconnected'],
    ['connecting again since', { state: 'connecting', statusReason: 401 }, 'connecting'],
    ['connected again since', { state: 'open', statusReason: 401 }, 'connected'],
    ['connected without a phone', { connected: true, loggedIn: false }, 'pairing_required'],
    ['connected without a phone, in data', { data: { connected: true, LoggedIn: false } }, 'pairing_required'],
    ['connected with one', { connected: true, loggedIn: true }, 'connected'],
  ])('is recognised by the number of its reason, or by the login flag: %s', (_, body, cause) => {
    expect(probe(body).cause).toBe(cause);
  });
});

describe('a state place of one’s own', () => {
  const read = (body: unknown) => compile({ statePath: 'sessions.0.link-state' }).probe(answer(body));
  const ask = (value: unknown) => read({ state: 'open', status: 200, sessions: [{ 'link-state': value }] });

  it('is the only one that counts', () => {
    expect(ask('close').cause).toBe('disconnected');
    expect(read({ state: 'open', status: 200 }).cause).toBe('unknown_state');
  });

  it('may hold a boolean, or a number that has been given a meaning', () => {
    expect(ask(true).cause).toBe('connected');
    expect(ask(false).cause).toBe('disconnected');
    expect(ask(3).cause).toBe('unknown_state');
    const numbers = compile({ statePath: 'code', stateWords: { '3': 'banned', false: 'connecting' } });
    expect(numbers.probe(answer({ code: 3 })).cause).toBe('banned');
    expect(numbers.probe(answer({ code: false })).cause).toBe('connecting');
  });
});

describe('an answer of an account whose answers named a state before', () => {
  /** One answer after the other. */
  const inTurn = (options?: Partial<ClassifierOptions>) => {
    const own = compile(options);
    return (body: unknown, rest?: Partial<Answer>) => own.probe(answer(body, rest));
  };
  const unnamed = 'the answer names no connection state, and earlier ones of this account did';
  const unknown = { cause: 'unknown_state', detail: unnamed, retryAfter: null };
  const absent = [null, [], {}, ['open'], '', '  ', false];

  it('says nothing when it names none, although its sign is positive', () => {
    const next = inTurn();
    const sign = { status: 200, message: 'hello' };
    expect(next(sign).cause).toBe('responding');
    expect(next({ state: 'open' }).cause).toBe('connected');
    expect(next(sign)).toEqual(unknown);
    for (const state of absent) expect(next({ status: 200, state }), JSON.stringify(state)).toEqual(unknown);
    expect(next({ state: 'close' }).cause).toBe('disconnected');
  });

  it.each(['open', 'close', 'connecting', 'qr', 'STOPPED'])(
    'is unknown_state without a word, whatever the word before was: %s',
    (word) => {
      const next = inTurn();
      next({ state: word });
      expect(next({ status: 200 })).toEqual(unknown);
    },
  );

  it('is unknown_state without a boolean, too, once a boolean was the state', () => {
    const next = inTurn();
    expect(next({ connected: false }).cause).toBe('disconnected');
    expect(next({ status: 200 })).toEqual(unknown);
    expect(next({ connected: true }).cause).toBe('connected');
    expect(next({ connected: false }).cause).toBe('disconnected');
  });

  it('that named no known word, or contradicted itself, changes nothing for the next one', () => {
    const next = inTurn();
    next({ state: 'frobnicated' });
    next({ state: 'open', connected: false });
    next({ state: 'open' }, { status: 401 });
    expect(next({ status: 200 }).cause).toBe('responding');
  });

  it('says nothing either once a former process found an instance connected, unless a message says so', () => {
    const own = compile();
    own.expectStates();
    expect(own.probe(answer({ status: 200, message: 'hello' }))).toEqual(unknown);
    expect(own.probe(answer({ status: 200, message: 'Instance is connected' })).cause).toBe('connected');
    expect(own.probe(answer({ connected: false })).cause).toBe('disconnected');
  });

  it('counts as one that named a state even if it denied itself', () => {
    const next = inTurn();
    next({ error: true, state: 'close' });
    expect(next({ status: 200 })).toEqual(unknown);
  });

  it('with a word at a configured place needs a word or a number there: a boolean is no answer', () => {
    const next = inTurn({ statePath: 'code', stateWords: { '3': 'banned' } });
    const ask = (code: unknown) => next({ code, status: 200 });
    expect(ask(false).cause).toBe('disconnected');
    expect(ask('open').cause).toBe('connected');
    for (const code of absent) expect(ask(code), JSON.stringify(code)).toEqual(unknown);
    expect(ask(undefined)).toEqual(unknown);
    expect(ask(3).cause).toBe('banned');
    expect(ask('close').cause).toBe('disconnected');
    expect(ask(true).cause).toBe('connected');
    expect(ask(false)).toEqual(unknown);
  });

  it('with a word in a usual place still counts the places that hold only booleans', () => {
    const next = inTurn();
    next({ state: 'open' });
    expect(next({ connected: false }).cause).toBe('disconnected');
  });

  it('is one thing for each account', () => {
    const [one, other] = [compile(), compile()];
    one.probe(answer({ state: 'open' }));
    expect(other.probe(answer({ status: 200 })).cause).toBe('responding');
  });
});

describe('state words of one’s own', () => {
  const own = compile({
    stateWords: {
      online: 'connected',
      'Sleeping-Now': 'pairing_required',
      open: 'disconnected',
      busy: 'unknown_state',
    },
  });
  const ask = (state: string) => own.probe(answer({ state })).cause;

  it('are understood, and come before the profile’s', () => {
    expect(ask('ONLINE')).toBe('connected');
    expect(ask('sleeping now')).toBe('pairing_required');
    expect(ask('open')).toBe('disconnected');
    expect(ask('busy')).toBe('unknown_state');
    expect(ask('working')).toBe('connected');
  });

  it('that are inconclusive keep an unhealthy one from counting', () => {
    expect(own.probe(answer({ state: 'close', data: { state: 'busy' } })).cause).toBe('unknown_state');
  });
});

describe('an HTTP status', () => {
  it.each([
    [429, 'rate_limited'],
    [500, 'server_error'],
    [502, 'server_error'],
    [503, 'server_error'],
    [599, 'server_error'],
    [400, 'unknown_state'],
    [405, 'unknown_state'],
    [418, 'unknown_state'],
    [451, 'unknown_state'],
    [402, 'unauthorized'],
    [301, 'not_the_gateway'],
    [304, 'not_the_gateway'],
    [407, 'not_the_gateway'],
    [511, 'not_the_gateway'],
  ])('%i is %s where the body says nothing else', (status, cause) => {
    for (const body of [{}, { status: 200 }, { error: 'no' }, [], null, { instance: { name: 'unauthorized' } }]) {
      const result = probe(body, { status });
      expect(result.cause).toBe(cause);
      expect(result.detail).toContain(`HTTP ${status}`);
    }
  });

  it.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'not_found'],
    [410, 'not_found'],
  ])(
    '%i is %s where the gateway says so in JSON, and an answer of something in front of it otherwise',
    (status, cause) => {
      for (const body of [{ state: 'open' }, { status: 200 }, { error: 'no' }, {}, 'null', '[]']) {
        expect(probe(body, { status })).toMatchObject({
          cause,
          detail: expect.stringContaining(`HTTP ${status}`) as string,
        });
      }
      for (const body of ['', ' \n', '<html>Sign in</html>', 'Forbidden', '{"state":"open"', Buffer.from([0, 255])]) {
        expect(probe(body, { status })).toMatchObject({
          cause: 'not_the_gateway',
          detail: expect.stringContaining(`HTTP ${status}`) as string,
        });
      }
      expect(probe({ state: 'open' }, { status, truncated: true }).cause).toBe('not_the_gateway');
    },
  );

  it('is shown with the gateway’s own explanation', () => {
    expect(
      probe({ status: 401, error: 'Unauthorized', message: 'Authentication failed' }, { status: 401 }).detail,
    ).toBe('HTTP 401: Authentication failed');
    const evolution = {
      status: 404,
      error: 'Not Found',
      response: { message: ['The "nope" instance does not exist'] },
    };
    expect(probe(evolution, { status: 404 }).detail).toBe('HTTP 404: The "nope" instance does not exist');
    expect(probe({ response: { message: ['gone', 'away'] } }, { status: 404 }).detail).toBe('HTTP 404: gone');
  });

  it.each([
    ['7', 7_000],
    [' 0 ', 0],
    ['99999999999999999999', 86_400_000],
    ['-1', null],
    ['1.5', null],
    ['0x10', null],
    ['Wed, 21 Oct 2026 07:28:20 GMT', 20_000],
    ['Wednesday, 21-Oct-26 07:28:20 GMT', 20_000],
    ['Wed Oct 21 07:28:20 2026', 20_000],
    ['Wed, 21 Oct 2020 07:28:00 GMT', 0],
    ['Wed, 21 Oct 9999 07:28:00 GMT', 86_400_000],
    ['Wed, 99 Oct 2026 07:28:00 GMT', null],
    ['2026-10-21', null],
    [null, null],
  ])('429 with Retry-After %j asks for a wait of %j ms', (retryAfter, wait) => {
    const answeredAt = Date.UTC(2026, 9, 21, 7, 28);
    expect(probe('', { status: 429, retryAfter, answeredAt }).retryAfter).toBe(wait);
  });
});

describe('a success that denies itself', () => {
  it.each([
    [{ error: true }, 'server_error'],
    [{ success: false }, 'server_error'],
    [{ status: 'error' }, 'server_error'],
    [{ status: 500 }, 'server_error'],
    [{ status: 401 }, 'unauthorized'],
    [{ status: '403' }, 'unauthorized'],
    [{ status: 404 }, 'not_found'],
    [{ status: 429 }, 'rate_limited'],
    [{ status: 422 }, 'unknown_state'],
    [{ error: true, message: 'Unauthorized' }, 'unauthorized'],
    [{ error: true, message: 'Authentication failed.' }, 'unauthorized'],
    [{ success: false, message: 'Instance not found' }, 'not_found'],
    [{ success: false, state: null, message: 'session_not_found' }, 'not_found'],
    [{ status: 400, message: 'instance not found' }, 'not_found'],
    [{ error: 'instance not found' }, 'not_found'],
    [{ error: true, message: '[object Object]' }, 'server_error'],
    [{ error: true, state: 'close' }, 'disconnected'],
    [{ status: 400, state: 'close' }, 'disconnected'],
    [{ error: true, instance: { state: 'qr' } }, 'pairing_required'],
    [{ status: 500, instance: { state: 'qr' } }, 'pairing_required'],
    [{ success: false, state: 'frobnicated' }, 'server_error'],
    [{ success: false, state: 'open', connected: false }, 'unknown_state'],
    [{ error: true, state: 'open' }, 'unknown_state'],
  ])('%j is %s', (body, cause) => expect(probe(body).cause).toBe(cause));

  it.each([
    { error: true },
    { success: false },
    { status: 'error' },
    { status: 400 },
    { status: 503 },
    { error: 'Unauthorized' },
  ])('%j is never healthy, even if it claims to be connected', (denial) => {
    for (const claim of [{ state: 'open' }, { connected: true }, { data: { status: 'working' } }]) {
      expect(verdictOf(probe({ ...denial, ...claim }).cause)).not.toBe('healthy');
    }
  });

  it.each([
    { error: false },
    { error: null },
    { error: '' },
    { error: 'none' },
    { success: true },
    { status: 399 },
    { status: 200 },
  ])('%j is no denial', (body) => expect(probe({ ...body, state: 'open' }).cause).toBe('connected'));

  it('is shown with its evidence and the gateway’s explanation', () => {
    expect(probe({ error: true, message: 'boom' }).detail).toBe(
      'success status, but in the body "error" is true: boom',
    );
  });

  it('is described in our own words, even if a token is one of them', () => {
    const masks = new Masks(() => ['error', 'state', 'body', 'true', 'boom', 'qrcode']);
    const said = compile({ masks }).probe(answer({ error: true, message: 'boom boom' })).detail;
    expect(said).toBe('success status, but in the body "error" is ***: *** ***');
    expect(compile({ masks }).probe(answer({ state: 'qrcode' })).detail).toBe('state "***"');
  });
});

describe('an answer that cannot be read', () => {
  const utf16 = Buffer.from('{"state":"open"}', 'utf16le');
  it.each<[string, string | Buffer, string]>([
    ['empty', '', 'the answer is empty'],
    ['blank', ' \n ', 'the answer is empty'],
    ['cut off', '{"state":"open"', 'the answer is not valid JSON'],
    ['two answers', '{"state":"open"}{"state":"close"}', 'the answer is not valid JSON'],
    ['UTF-16', utf16, 'the answer is not text'],
    ['binary', Buffer.from([0, 255, 254, 1]), 'the answer is not text'],
  ])('is inconclusive: %s', (_what, body, detail) => {
    expect(probe(body)).toEqual({ cause: 'unreadable', detail, retryAfter: null });
  });

  it('is no web page when it is empty or JSON, whatever its content type says', () => {
    expect(probe('', { contentType: 'text/html' }).cause).toBe('unreadable');
    expect(probe({ state: 'open' }, { contentType: 'text/html' }).cause).toBe('connected');
  });

  it('is inconclusive: more than is read', () => {
    expect(probe('{"state":"open"}', { truncated: true })).toMatchObject({
      cause: 'unreadable',
      detail: 'the answer is longer than 64 KiB',
    });
  });
});

describe('an odd answer', () => {
  it.each([
    null,
    true,
    42,
    '"open"',
    [],
    {},
    ['open'],
    [{ state: 'open' }],
    { instance: [{ state: 'open' }] },
    { data: null },
  ])('that is valid JSON but names no state is unknown: %j', (body) => expect(probe(body).cause).toBe('unknown_state'));

  it('cannot take a state from a prototype', () => {
    expect(probe('{"__proto__":{"state":"open","status":200}}').cause).toBe('unknown_state');
    expect(probe('{"instance":{"__proto__":{"state":"open"}}}').cause).toBe('unknown_state');
    Object.defineProperty(Object.prototype, 'state', { value: 'open', configurable: true });
    try {
      expect(probe({}).cause).toBe('unknown_state');
    } finally {
      delete (Object.prototype as { state?: unknown }).state;
    }
  });

  it('is read in spite of a byte order mark, a wrong charset and bytes that are no UTF-8', () => {
    expect(probe('\u{feff}{"state":"open"}').cause).toBe('connected');
    const latin1 = Buffer.from('{"name":"Jos\u{e9}","state":"open"}', 'latin1');
    expect(probe(latin1, { contentType: 'text/html; charset=iso-8859-1' }).cause).toBe('connected');
  });

  it('may be 10 MB long or nested 100,000 deep', () => {
    expect(probe({ pad: 'x'.repeat(10_000_000), state: 'open' }).cause).toBe('connected');
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(probe(deep).cause).toBe('unknown_state');
    expect(probe(`{"error":["unauthorized",${deep}]}`).cause).toBe('unauthorized');
    expect(restart(`{"error":true,"x":${deep}}`).outcome).toBe('rejected');
  });

  it('gives a short detail on one line, without the token, however it tries', () => {
    const hostile = `a\n${TOKEN}\u{1b}[2J${'x'.repeat(10_000)}`;
    const answers = [
      { state: hostile },
      { error: true, message: hostile },
      { data: { status: hostile } },
      { status: hostile },
    ];
    for (const body of answers) {
      const { detail } = probe(body);
      expect(detail?.length).toBeLessThanOrEqual(240);
      expect(detail).not.toContain(TOKEN);
      expect(detail).not.toMatch(/\p{Cc}/u);
    }
  });

  it('never makes the classifier throw, and never counts as healthy without a word that says so', () => {
    const classifier = compile();
    const odd = fc.oneof(fc.json(), fc.string(), fc.uint8Array());
    const status = fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 }));
    fc.assert(
      fc.property(odd, status, (body, code) => {
        const { cause } = classifier.probe(answer(body, { status: code }));
        expect(isCause(cause)).toBe(true);
        expect(CAUSES.healthy).not.toContain(cause);
        classifier.restart(answer(body, { status: code }));
      }),
    );
  });
});

/** `nest('a.b', 1)` is `{ a: { b: 1 } }`. */
function nest(path: string, value: unknown): unknown {
  return path.split('.').reduceRight((inner, key) => ({ [key]: inner }), value);
}

describe('a rule that says that all is well', () => {
  const WELL: Readonly<Record<string, object>> = {
    wuzapi: { code: 200, data: { connected: true, loggedIn: true }, success: true },
    gowa: { code: 'SUCCESS', results: { is_connected: true, is_logged_in: true } },
    'evolution-go': { data: { id: 'shop-1', connected: true }, message: 'success' },
    'z-api': { connected: true, error: 'You are already connected.', smartphoneConnected: true },
    uazapi: { instance: { status: 'connected' }, status: { connected: true, loggedIn: true } },
  };

  it.each(
    Object.entries(WELL).flatMap(([name, body]) =>
      [
        [{}, 'connected'],
        [{ success: false }, 'unknown_state'],
        [{ error: true, message: 'boom' }, 'unknown_state'],
        [{ code: 500 }, 'unknown_state'],
        [{ code: 401 }, 'unauthorized'],
        [{ error: 'instance not found' }, 'not_found'],
        [{ error: 'Session expired' }, 'pairing_required'],
      ].map(([more, cause]) => [name, { ...body, ...(more as object) }, cause] as const),
    ),
  )('is not believed where the answer denies itself: %s %j is %s', (name, body, cause) => {
    expect(compile({}, builtIn(name)).probe(answer(body)).cause).toBe(cause);
  });

  it('is believed where it is about that itself', () => {
    const is = { is: 'connected', word: null } as const;
    const rules = [{ if: { success: false, state: 'IDLE' }, ...is }];
    const classifier = compile({}, { ...builtIn('wuzapi'), rules });
    expect(classifier.probe(answer({ success: false, state: 'IDLE' })).cause).toBe('connected');
    expect(classifier.probe(answer({ success: false, state: 'IDLE', error: true })).cause).toBe('unknown_state');
  });
});

describe('a rule that says that a restart would help', () => {
  it.each<[string, object, Cause, string]>([
    ['z-api', { connected: false, error: 'you must subscribe to this instance again' }, 'unauthorized', 'paid'],
    ['z-api', { connected: false, error: 'Assinatura vencida' }, 'unauthorized', 'paid: connected false: Assinatura'],
    ['wuzapi', { data: { connected: false, loggedIn: true }, error: 'payment required' }, 'unauthorized', 'paid'],
    ['z-api', { connected: false, error: 'You need to restore the session.' }, 'disconnected', 'restore'],
    ['z-api', { connected: false, error: 'You are not connected.' }, 'disconnected', 'connected false'],
  ])('gives way where the gateway wants to be paid: %s %j is %s', (name, body, cause, detail) => {
    const found = compile({}, builtIn(name)).probe(answer(body));
    expect(found).toMatchObject({ cause, detail: expect.stringContaining(detail) as unknown });
  });
});
