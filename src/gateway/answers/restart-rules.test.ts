import { describe, expect, it } from 'vitest';
import { restart, TOKEN } from '../../../test/gateway/answers.ts';

const page = '<!DOCTYPE html><title>Sign in</title>';

describe('a success is an acceptance', () => {
  it.each<[string, unknown, number]>([
    ['the documented one', { status: 'success', message: 'Instance restarted successfully', instanceId: '551' }, 200],
    ['one without a body', '', 204],
    ['a text', 'OK', 200],
    ['a text that says so', 'Instância reiniciada com sucesso', 200],
    ['a text in JSON', '"restarting"', 200],
    ['another state', { state: 'connecting' }, 202],
    ['a state from before', { instance: { state: 'close' } }, 200],
    ['a healthy state', { error: false, state: 'open' }, 200],
    ['an empty error', { error: '', errors: [], success: true }, 200],
    ['no error, in words', { error: 'nenhum', status: 200 }, 200],
    ['Evolution API’s', { status: 'SUCCESS', error: false, response: { message: 'Instance restarted' } }, 200],
    ['Z-API’s', { value: true }, 200],
    ['a QR code', { count: 0, code: '2@abc', pairingCode: null }, 200],
    ['that it is under way', { message: 'Instance is restarting' }, 202],
    ['a name that seems to fail', { message: 'Restarting "token inválido"' }, 200],
  ])('%s', (_what, body, status) => {
    expect(restart(body, { status })).toMatchObject({ outcome: 'accepted', httpStatus: status, refusal: null });
  });
});

describe('a success that denies itself is none', () => {
  it.each([
    { error: true, message: '[object Object]' },
    { error: 'instance is busy' },
    { error: { message: 'boom' } },
    { errors: [{ detail: 'boom' }] },
    { errors: ['boom'] },
    { error: '500' },
    { success: false },
    { success: 'false' },
    { success: 'FALSE', message: 'x' },
    { status: 'error' },
    { status: 'Failed' },
    { status: false },
    { status: 500 },
    { code: 500 },
    { code: '500', message: 'x' },
    { statusCode: '503 Service Unavailable' },
    { value: false },
    { isReboot: false },
    { message: 'Error: socket hang up' },
    { message: 'Falha ao reiniciar a instância' },
    { message: 'Não foi possível reiniciar' },
    { message: 'Restart failed' },
    { message: 'Instance could not be restarted' },
    { message: 'A instância não foi reiniciada' },
    { message: 'Ops! Algo deu errado' },
    { message: 'Route not found' },
    { message: 'Application failed to respond' },
    { result: 'error', message: 'boom' },
    { success: 0 },
    { erro: true },
    { data: { success: false } },
    { data: { error: true } },
    { response: { error: 'boom' } },
    { result: { error: 'boom' } },
    { data: { status: 'error' } },
    { exception: 'NullPointerException' },
    { status: 'error', response: { message: ['The "nope" instance does not exist'] } },
    { message: 'Instance not found' },
    'restarting not allowed',
    { success: false, state: null, message: 'session_not_found' },
    'false',
    '"Error: boom"',
    'Error: connect ECONNREFUSED 10.0.0.7:3000',
    'Erro ao reiniciar',
    'Internal Server Error',
    'Unauthorized',
  ])('%j', (body) => {
    expect(restart(body)).toMatchObject({ outcome: 'rejected', httpStatus: 200, refusal: null, rateLimited: false });
  });

  it.each([
    { status: 401, error: 'x' },
    { statusCode: 403 },
    { error: true, message: 'Unauthorized' },
    { error: 'Token inválido' },
    { success: 'true', error: 'Token inválido' },
    { message: 'No autorizado' },
    { code: 'TOKEN_EXPIRED', success: false },
  ])('and is a final refusal when it says that the token is wrong: %j', (body) => {
    expect(restart(body)).toMatchObject({ outcome: 'rejected', refusal: 'unauthorized' });
  });
});

describe('a success that may be one is unknown, so that it has its grace', () => {
  it.each([
    ['a web page', page],
    ['a line of a proxy', 'default backend - 404'],
    ['JSON that is cut off', '{"status":"suc'],
    ['a text that names one, and denies it', 'success=false'],
    ['both at once', { success: true, error: 'no answer from the worker' }],
    ['one that is under way', { error: true, message: 'Instance is already restarting' }],
    ['one that is under way, in Portuguese', { success: false, message: 'A instância já está reiniciando' }],
    ['one that is under way, in Spanish', { success: false, message: 'Reinicio en curso' }],
    ['one that is under way, by its number', { success: false, code: 409 }],
  ])('%s', (_what, body) => {
    expect(restart(body)).toMatchObject({ outcome: 'unknown', httpStatus: 200, refusal: null });
  });

  it('a web page, whatever shows that it is one', () => {
    const html = { contentType: 'text/html; charset=utf-8' };
    expect(restart(page).detail).toBe('the answer is a web page, not JSON: Sign in');
    expect(restart('OK', html).outcome).toBe('unknown');
    expect(restart('', { ...html, truncated: true }).outcome).toBe('unknown');
    expect(restart('OK', { contentType: 'text/plain' }).outcome).toBe('accepted');
  });
});

describe('a restart that is no success', () => {
  it.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'restart_unsupported'],
    [405, 'restart_unsupported'],
    [400, null],
    [402, null],
    [302, null],
    [422, null],
    [500, null],
    [503, null],
  ])('with HTTP %i is rejected for good: %j', (status, refusal) => {
    expect(restart({}, { status })).toMatchObject({ outcome: 'rejected', refusal, rateLimited: false });
  });

  it.each([408, 409, 423, 499, 502, 504, 520, 524, 527])('with HTTP %i may have happened', (status) => {
    for (const body of ['', page, {}, { status, error: 'x' }]) {
      expect(restart(body, { status })).toMatchObject({ outcome: 'unknown', httpStatus: status, refusal: null });
    }
  });

  it.each([407, 511, 521, 522, 523, 525, 526, 530])('with HTTP %i was not delivered', (status) => {
    for (const body of ['', page, {}]) expect(restart(body, { status }).outcome).toBe('unreachable');
  });

  it.each([
    [400, 'Restart already in progress'],
    [422, 'Instance is being restarted'],
    [500, 'A sessão já está sendo reiniciada'],
    [503, 'Ya se está reiniciando'],
  ])('with HTTP %i, because one is under way, may have happened: %s', (status, message) => {
    expect(restart({ message }, { status }).outcome).toBe('unknown');
  });

  it.each([
    [400, { message: 'invalid apikey' }, 'unauthorized'],
    [409, { error: 'Unauthorized' }, 'unauthorized'],
    [500, { error: { message: 'Token expirado' } }, 'unauthorized'],
    [404, { response: { message: ['The "nope" instance does not exist'] } }, 'not_found'],
    [404, { message: 'Instância não encontrada' }, 'not_found'],
    [404, { error: 'Not Found', message: 'Cannot POST /acme/v1/551/instance/restart' }, 'restart_unsupported'],
    [500, { message: 'Instance not found' }, null],
  ])('with HTTP %i is refused for the reason that the body gives: %j is %s', (status, body, refusal) => {
    expect(restart(body, { status })).toMatchObject({ outcome: 'rejected', refusal });
  });

  it('requests a wait with 429, in the status or in the body, and with 503', () => {
    expect(restart('', { status: 429, retryAfter: '9' })).toMatchObject({
      outcome: 'rejected',
      rateLimited: true,
      retryAfter: 9_000,
    });
    expect(restart({ status: 429 })).toMatchObject({ outcome: 'rejected', rateLimited: true });
    expect(restart({ error: 'Muitas requisições' })).toMatchObject({ outcome: 'rejected', rateLimited: true });
    expect(restart('', { status: 503, retryAfter: '9' })).toMatchObject({ rateLimited: false, retryAfter: 9_000 });
    expect(restart('', { status: 500, retryAfter: '9' })).toMatchObject({ retryAfter: null });
  });
});

it('the answer to a restart is kept, bounded and masked', () => {
  expect(restart({ token: 'x', echo: TOKEN, base64: 'iVBOR', count: 0 }).body).toEqual({
    token: '***',
    echo: '***',
    base64: '***',
    count: 0,
  });
  expect(restart(`OK ${TOKEN}`).body).toBe('OK ***');
  expect(restart('x'.repeat(10_000)).body).toHaveLength(500);
  expect(restart('').body).toBeNull();
  expect(restart({ error: TOKEN }).detail).toBe('success status, but in the body "error" says something: ***');
});
