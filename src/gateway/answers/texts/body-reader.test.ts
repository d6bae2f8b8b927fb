import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../core/verdict.ts';
import { compile, answer, probe } from '../../../../test/gateway/answers.ts';

/** Texts by which a gateway names a trouble that no restart can cure. */
const TROUBLES: Readonly<Record<string, readonly string[]>> = {
  unauthorized: [
    ...[
      'Unauthorized',
      'UNAUTHORIZED',
      'unauthorised',
      'Not authorized',
      'Não autorizado',
      'NAO AUTORIZADO',
      'No autorizado',
    ],
    ...[
      'N&atilde;o autorizado',
      'N&#227;o autorizado',
      '<b>Não autorizada</b>',
      'Access denied',
      'Acesso negado',
      'Acceso denegado',
    ],
    ...[
      'Invalid token',
      'Token inválido',
      'Token Inv&aacute;lido!',
      'Token inválido ou expirado',
      'El token no es válido',
      'Token expirado',
    ],
    ...[
      'The token is incorrect',
      'token has expired',
      'Token is not present. Check your header',
      'Token não informado',
      'token not provided',
    ],
    ...[
      'Invalid API key',
      'invalid apikey',
      'Chave de API inválida',
      'Clave API incorrecta',
      'INVALID_TOKEN',
      'tokenExpired',
      'jwt expired',
    ],
    ...[
      'Authentication failed',
      'Falha na autenticação',
      'Error de autenticación',
      'Credenciais inválidas',
      'Credenciales incorrectas',
      'Forbidden',
    ],
    ...[
      'Assinatura expirada',
      'Sua assinatura está vencida',
      'Plan expired',
      'Suscripción vencida',
      'Payment required',
      'Conta suspensa',
    ],
    ...['Pagamento pendente', 'Saldo insuficiente', 'Your trial has ended'],
    ...['O token informado é inválido', 'The API key you provided is invalid', 'client-token is not configured'],
    ...['Você não tem permissão para acessar este recurso', 'No tienes permiso', 'Acesso não permitido'],
    ...['insufficient permissions', 'Login necessário', 'AUTH_FAILED', 'JsonWebTokenError: invalid signature'],
    ...['Falta o token', 'Falta el token', 'Token desconhecido', 'Login inválido', 'Faltando a chave de API'],
  ],
  not_found: [
    ...[
      'Instance not found',
      'INSTANCE_NOT_FOUND',
      'instanceNotFound',
      'Instance "nope" not found',
      "Session 'x' not found",
      'Instance minha not found',
    ],
    ...[
      'Instance 5511999990001 not found',
      'The "nope" instance does not exist',
      'session_not_found',
      'No such instance',
      'Device not found',
    ],
    ...[
      'Instância não encontrada',
      'INSTANCIA NAO ENCONTRADA',
      'Inst&acirc;ncia n&atilde;o encontrada',
      'Sessão não existe',
      'Nenhuma instância encontrada',
    ],
    ...[
      'Instancia no encontrada',
      'La instancia no existe',
      'No se encontró la instancia',
      'Número não encontrado',
      'User not found',
      'Not Found',
      'Não encontrado',
    ],
    ...['The requested instance could not be found', 'A sessão solicitada não pôde ser encontrada', 'Invalid instance'],
    ...['Instance was deleted', 'Instância removida', 'La sesión fue eliminada', 'This instance no longer exists'],
    ...['invalid phoneNumberId', 'Instância inválida', 'Nenhum registro encontrado', 'Record not found'],
    ...['Instance with ID abc not found', 'Instância com o nome abc não encontrada', 'There is no such instance'],
    ...['Não há nenhuma instância com este nome', 'No hay ninguna sesión', 'Nenhuma sessão localizada'],
  ],
  pairing_required: [
    'Device logged out',
    'Scan the QR code',
    'Escaneie o QR Code',
    'Escanee el código QR',
    'Sessão expirada',
    'Número deslogado',
    'device_removed',
  ],
  banned: ['Number banned', 'Número banido', 'O número foi bloqueado', 'WhatsApp account is banned'],
  rate_limited: [
    'Too many requests',
    'Muitas requisições',
    'Rate limit exceeded',
    'Demasiadas solicitudes',
    'Limite de requisições por minuto excedido',
  ],
};

describe.each(Object.entries(TROUBLES))('a text that means %s', (cause, texts) => {
  it.each(texts)('%s', (text) => {
    for (const status of [200, 400, 422, 500, 503]) {
      for (const body of [
        { error: true, message: text },
        { success: false, error: { message: text } },
        { status: 500, errors: [{ detail: text }] },
      ]) {
        expect(probe(body, { status }), `${status} ${JSON.stringify(body)}`).toMatchObject({ cause });
      }
    }
    expect(probe({ status: 200, message: text })).toMatchObject({ cause });
    expect(probe({ error: text })).toMatchObject({ cause });
  });
});

describe('a text that only seems to name a trouble', () => {
  it.each([
    'Not unauthorized',
    'No instance not found',
    'The "unauthorized" instance is busy',
    'Sessão "token inválido" ocupada',
    'Token validado',
    'Message not found in instance',
    'Webhook not found',
    'disconnected successfully',
    'Instance "not connected" is busy',
    'Desconectado com sucesso',
    'Conta desconectada do painel',
    'Encontrado',
    'Message deleted by the instance',
    'Token enviado com sucesso',
  ])('names none: %s', (message) => {
    expect(probe({ error: true, message })).toMatchObject({ cause: 'server_error' });
    expect(probe({ status: 200, message })).toMatchObject({ cause: 'responding' });
  });

  it.each([
    { state: 'open', message: 'Instance not found' },
    { state: 'open', lastMessage: { message: 'Token inválido', error: 'Unauthorized' } },
    { instance: { name: 'desconectado', state: 'open', profileName: 'Não autorizado' } },
    { connected: true, error: 'You are already connected.' },
    { state: 'open', code: 1006, statusCode: '200', error: 'nothing of note' },
    { state: 'open', code: '404-ABCD', chats: [{ message: 'Unauthorized', status: 500 }] },
  ])('leaves a healthy instance healthy: %j', (body) => expect(probe(body).cause).toBe('connected'));
});

describe('a status in the body', () => {
  const places = [
    'status',
    'statusCode',
    'code',
    'status_code',
    'error.code',
    'error.statusCode',
    'response.status',
    'errors.0.status',
  ];
  const at = (path: string, value: unknown): object =>
    path.split('.').reduceRight<unknown>((inner, key) => (key === '0' ? [inner] : { [key]: inner }), value) as object;

  it.each(places)('counts at %s, as a number or as a text', (path) => {
    for (const [value, cause] of [
      [401, 'unauthorized'],
      ['403', 'unauthorized'],
      ['404 Not Found', 'not_found'],
      ['HTTP 404', 'not_found'],
      [410, 'not_found'],
      [429, 'rate_limited'],
    ] as const) {
      for (const status of [200, 400, 500, 503])
        expect(probe(at(path, value), { status }).cause, `${status} ${value}`).toBe(cause);
    }
    expect(probe(at(path, 500)).cause).toBe('server_error');
    expect(probe(at(path, 418)).cause).toBe('unknown_state');
  });

  it.each([200, 0, 399, 600, 1000, 4040, '40', '4041', 'about 404', null, true])(
    'that is no HTTP error denies nothing: %j',
    (code) => {
      expect(probe({ code, state: 'open' }).cause).toBe('connected');
    },
  );

  it('does not soften the status of the answer', () => {
    expect(probe({ code: 400 }, { status: 500 }).cause).toBe('server_error');
    expect(probe({ code: 500 }, { status: 401 }).cause).toBe('unauthorized');
    expect(probe({ code: 404 }, { status: 429 }).cause).toBe('rate_limited');
  });

  it('is the state where that is its place', () => {
    const own = compile({ statePath: 'code', stateWords: { '428': 'disconnected', '401': 'banned' } });
    expect(own.probe(answer({ code: 428 })).cause).toBe('disconnected');
    expect(own.probe(answer({ code: 401 })).cause).toBe('banned');
  });
});

describe('a failure', () => {
  it.each([
    [500, { instance: { state: 'close' } }, 'disconnected'],
    [400, { state: 'desconectado' }, 'disconnected'],
    [503, { state: 'connecting' }, 'connecting'],
    [500, { state: 'qr' }, 'pairing_required'],
    [422, { data: { connected: false } }, 'disconnected'],
    [500, { state: 'frobnicated' }, 'server_error'],
    [400, { error: true, message: 'The "wd3" instance is not connected' }, 'disconnected'],
    [500, { error: 'Connection Closed' }, 'disconnected'],
    [200, { success: false, message: 'session_not_connected' }, 'disconnected'],
    [200, { status: false, message: 'Disconnected' }, 'disconnected'],
    [200, { error: true, message: 'Instância não conectada' }, 'disconnected'],
    [500, { message: 'Reconectando' }, 'connecting'],
    [404, { state: 'close' }, 'not_found'],
    [403, { state: 'close' }, 'unauthorized'],
    [401, { error: 'instance info not found' }, 'unauthorized'],
    [404, { error: 'Invalid token' }, 'unauthorized'],
    [403, { message: 'Número banido' }, 'banned'],
  ])('with %i and %j is %s, by what the body says', (status, body, cause) => {
    expect(probe(body, { status }).cause).toBe(cause);
  });

  it.each([
    [500, { state: 'open' }],
    [400, { connected: true }],
    [503, { status: 500, message: 'Conectado' }],
    [200, { success: false, instance: { state: 'open' } }],
    [200, { code: 500, state: 'open' }],
    [500, { state: 'open', connected: false }],
  ])('with %i that claims health proves nothing: %j', (status, body) => {
    const { cause, detail } = probe(body, { status });
    expect(cause).toBe('unknown_state');
    expect(detail).toMatch(/^the status contradicts the body: /u);
  });

  it.each([{ state: 'open' }, { status: 200 }, { connected: true, state: 'close' }])('is never healthy: %j', (body) => {
    for (const status of [400, 401, 404, 409, 429, 500, 503]) {
      expect(verdictOf(probe(body, { status }).cause)).not.toBe('healthy');
    }
  });
});

describe('a state that is not healthy, with a trouble beside it, is that trouble', () => {
  it.each([
    [
      { state: 'close', message: 'Assinatura expirada' },
      'unauthorized',
      /^the gateway wants to be paid: state "close": /u,
    ],
    [{ state: 'close', reason: 'logged out' }, 'pairing_required', /^state "close": logged out$/u],
    [{ connected: false, message: 'Instância não encontrada' }, 'not_found', /^connected false: /u],
    [
      { success: true, data: { status: 'error', message: 'Token inválido' } },
      'unauthorized',
      /^data.status "error": /u,
    ],
    [{ state: 'close', message: 'Connection closed' }, 'disconnected', /^state "close"$/u],
  ])('%j', (body, cause, detail) => {
    expect(probe(body)).toMatchObject({ cause, detail: expect.stringMatching(detail) as string });
  });
});

describe('a message in place of a state', () => {
  it.each([
    [{ status: true, message: 'Connected' }, 'connected'],
    [{ success: true, message: 'session_connected' }, 'connected'],
    [{ status: 200, message: 'Instância conectada' }, 'connected'],
    [{ status: 200, message: 'Instância não conectada' }, 'disconnected'],
    [{ status: 'success', message: 'La instancia está desconectada.' }, 'disconnected'],
    [{ status: 200, message: 'No conectado' }, 'disconnected'],
    ['"Desconectado"', 'disconnected'],
    [{ status: 200, message: 'You are not disconnected' }, 'responding'],
  ])('is read when it says nothing else: %j', (body, cause) => expect(probe(body).cause).toBe(cause));

  it('does not count for an account whose answers have a place for the state', () => {
    const own = compile();
    own.probe(answer({ state: 'close' }));
    expect(own.probe(answer({ status: 200, message: 'Connected' })).cause).toBe('unknown_state');
    expect(own.probe(answer({ status: 200, message: 'Instance is not connected' })).cause).toBe('disconnected');
  });
});

it('reads what a gateway writes in Latin-1, or after a byte order mark', () => {
  const body = '{"error":true,"message":"Token inv\u{e1}lido"}';
  expect(probe(Buffer.from(body, 'latin1')).cause).toBe('unauthorized');
  expect(probe(Buffer.from(`\u{feff}${body}`, 'utf8')).cause).toBe('unauthorized');
});

it('reads hostile texts in no time and without an error', () => {
  for (const message of [
    'instance '.repeat(20_000),
    '"'.repeat(50_000),
    '&#x110000;&#9999999;',
    `${'a '.repeat(9_999)}not found`,
  ]) {
    expect(probe({ error: true, message }).cause).toBe('server_error');
  }
});
