import { describe, expect, it } from 'vitest';
import { IDLE } from '../../../test/gateway/wire.ts';
import { routerRefusal } from '../answers/router.ts';
import { answer } from '../../../test/gateway/answers.ts';
import { tryMethods } from './restart-methods.ts';
import { NOT_SENT } from './run-remedy.ts';

/** What the gateway makes of a method: it takes it, refuses it by its router (with what that allows), or refuses it itself. */
type Answers = Readonly<Record<string, 'takes' | 'refuses' | 'may have happened' | readonly string[]>>;

async function run(answers: Answers, options: { readonly method?: string; readonly answered?: boolean } = {}) {
  const called: string[] = [];
  const call = (method: string) => {
    called.push(method);
    const says = answers[method] ?? [];
    const outcome = says === 'takes' ? 'accepted' : says === 'may have happened' ? 'unknown' : 'rejected';
    const router = typeof says === 'string' ? null : { allowed: says.length === 0 ? null : says };
    return Promise.resolve({ result: { ...NOT_SENT, outcome } as const, router });
  };
  const { outcome, method = null } = await tryMethods(call, { answered: true, signal: IDLE, ...options });
  return [called.join(), outcome, method];
}

describe('the method of a restart', () => {
  it.each<[string, Answers, Parameters<typeof run>[1], unknown[]]>([
    ['is POST where that is taken', { POST: 'takes' }, {}, ['POST', 'accepted', 'POST']],
    ['is the next where no route takes it', { PUT: 'takes' }, {}, ['POST,GET,PUT', 'accepted', 'PUT']],
    [
      'is one that the router allows',
      { POST: ['PATCH', 'HEAD'], PATCH: 'takes' },
      {},
      ['POST,PATCH', 'accepted', 'PATCH'],
    ],
    ['is none where it allows none that restarts', { POST: ['DELETE'] }, {}, ['POST', 'rejected', null]],
    [
      'is not sought where the gateway itself refuses',
      { POST: 'refuses', GET: 'takes' },
      {},
      ['POST', 'rejected', null],
    ],
    ['is not sought where it may have happened', { POST: 'may have happened' }, {}, ['POST', 'unknown', null]],
    ['is not sought while probes are not answered', { GET: 'takes' }, { answered: false }, ['POST', 'rejected', null]],
    ['is the one that was found before', { PUT: 'takes' }, { method: 'PUT' }, ['PUT', 'accepted', 'PUT']],
    ['is no other than a restart can have', { POST: 'takes' }, { method: 'DELETE' }, ['POST', 'accepted', 'POST']],
    ['is sought again where that is gone', { GET: 'takes' }, { method: 'PUT' }, ['PUT,POST,GET', 'accepted', 'GET']],
    ['is given up after four', {}, {}, ['POST,GET,PUT,PATCH', 'rejected', null]],
  ])('%s', async (_, answers, options, expected) => expect(await run(answers, options)).toEqual(expected));

  it.each([
    [answer('', { status: 405 }), { allowed: null }],
    [answer('', { status: 405, allow: 'get, PUT' }), { allowed: ['GET', 'PUT'] }],
    [answer({ message: ['Cannot POST /instance/restart/a'] }, { status: 404 }), { allowed: null }],
    [answer('<pre>Cannot PUT /restart</pre>', { status: 404 }), { allowed: null }],
    [answer({ message: 'The instance does not exist' }, { status: 404 }), null],
    [answer({ message: 'Cannot POST /restart' }, { status: 400 }), null],
    [answer({ message: 'Cannot POST /restart' }), null],
  ])('is refused by the router, or not: %j', (given, expected) => expect(routerRefusal(given)).toEqual(expected));
});
