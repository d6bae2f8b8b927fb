import { describe, expect, it } from 'vitest';
import { compile, answer, probe, restart } from '../../../../test/gateway/answers.ts';
import { lookThrough } from './look-through.ts';

const SAYS = 'Token inválido';

describe('a wrong token is one, wherever the body says it, and never leads to a restart', () => {
  it.each<[unknown]>([
    [[{ message: SAYS }]],
    [[{ error: SAYS }]],
    [{ response: { data: { message: SAYS } } }],
    [{ error: { response: { data: { message: SAYS } } } }],
    [{ errors: { token: [SAYS] } }],
    [{ error: { details: [{ message: SAYS }] } }],
    [{ errorMessage: SAYS }],
    [{ error_message: SAYS }],
    [{ err: { message: SAYS } }],
    [{ Message: SAYS }],
    [{ ERRO: { mensagem: SAYS } }],
    [{ descrição: SAYS }],
    [{ erros: [SAYS] }],
    [{ fault: { faultstring: SAYS } }],
    [{ statusText: 'Unauthorized' }],
    [{ data: SAYS }],
    [{ data: { code: 401 } }],
    [{ result: { status: '401' } }],
    [{ output: { payload: { statusCode: 401 } } }],
    [{ error: 401 }],
    [{ errorCode: 401 }],
    [{ codigo: 401 }],
  ])('%j', (body) => {
    for (const status of [200, 400, 500]) expect(probe(body, { status }).cause).toBe('unauthorized');
    expect(restart(body)).toMatchObject({ outcome: 'rejected', refusal: 'unauthorized' });
    expect(restart(body, { status: 500 })).toMatchObject({ outcome: 'rejected', refusal: 'unauthorized' });
  });

  it('also beside a denial without a number, and beside a state', () => {
    expect(probe({ success: false, data: { code: 401 } }).cause).toBe('unauthorized');
    expect(probe({ state: 'close', err: SAYS }).cause).toBe('unauthorized');
    expect(probe({ state: 'close', result: { code: 404 } }).cause).toBe('not_found');
  });
});

describe('nothing is taken for a trouble of the instance', () => {
  it.each<[string, unknown]>([
    ['what is about several', [{ error: SAYS }, { error: SAYS }]],
    ['what is about a webhook', { webhook: { error: SAYS } }],
    ['what somebody wrote to somebody', { lastMessage: SAYS, chats: [{ message: SAYS }] }],
    ['a name', { instance: { name: SAYS } }],
    ['a failure of the server in a number', { data: { code: 500 } }],
  ])('%s', (_what, body) => {
    expect(probe(body, { status: 500 }).cause).toBe('server_error');
  });

  it('a state at a place where nobody names one', () => {
    for (const result of ['Connected', 'closed']) expect(probe({ result }).cause).toBe('unknown_state');
  });

  it('the place of the connection state', () => {
    const classifier = compile({ statePath: 'data.code', stateWords: { '401': 'disconnected' } });
    expect(classifier.probe(answer({ data: { code: 401 } })).cause).toBe('disconnected');
  });
});

describe('a restart was not accepted', () => {
  it.each<[unknown]>([
    [{ success: '0' }],
    [{ success: 'não' }],
    [{ Success: false }],
    [{ OK: false }],
    [{ sucesso: 'nao' }],
    [{ exito: false }],
    [{ accepted: false }],
    [{ data: { restarted: false } }],
    [{ data: false }],
    [{ hasError: true }],
    [{ failed: true }],
    [{ response: { error: true } }],
    [{ err: 'boom' }],
    [{ err: { message: 'boom' } }],
    [{ erros: ['boom'] }],
    [{ payload: { error: 'boom' } }],
    [{ errorCode: 'E1' }],
    [{ errorCode: 12 }],
    [{ data: { code: 500 } }],
    [{ Message: 'Failed to restart' }],
    [{ status: 'NOK' }],
    [{ status: 'falha' }],
    [{ result: 'unsuccessful' }],
    [[{ success: false }]],
    [['error']],
  ])('%j', (body) => {
    expect(restart(body)).toMatchObject({ outcome: 'rejected', refusal: null });
  });

  it.each<[unknown]>([
    [{ errorCode: 0 }],
    [{ errorCode: 200 }],
    [{ data: { errors: [], error: null, err: '' } }],
    [{ response: { status: 'ok', code: 200 } }],
    [{ data: { success: true, result: 'queued' } }],
    [{ jobId: 'q-17' }],
    [{ instance: { error: 'Connection Closed' } }],
  ])('unless it was: %j', (body) => {
    expect(restart(body)).toMatchObject({ outcome: 'accepted' });
  });

  it.each([
    'Service unavailable',
    'Restart is temporarily disabled',
    'not restarted',
    'nothing to do',
    'Instance is not running',
    'Tente novamente mais tarde',
  ])('and perhaps not when all that it says is: %s', (message) => {
    expect(restart({ message })).toMatchObject({ outcome: 'unknown' });
    expect(restart({ success: true, message })).toMatchObject({ outcome: 'accepted' });
    expect(restart({ message: 'Instance restarted', detail: message })).toMatchObject({ outcome: 'accepted' });
  });
});

it('a hostile body is looked through for a while only', () => {
  const deep: unknown = JSON.parse(`${'{"data":'.repeat(5_000)}{"error":"x"}${'}'.repeat(5_000)}`);
  expect(lookThrough(deep, null)).toMatchObject({ texts: [], error: null });
  const wide = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, at) => [`data${'_'.repeat(at)}`, { message: 'x' }]),
  );
  expect(lookThrough(wide, null).texts).toHaveLength(16);
  expect(lookThrough(JSON.parse('{"__proto__":{"error":"x"}}'), null)).toMatchObject({ texts: [] });
  expect(lookThrough({ data: Array.from({ length: 9 }, () => 'x') }, null).texts).toHaveLength(8);
});
