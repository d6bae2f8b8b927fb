import { describe, expect, it } from 'vitest';
import type { Conditions } from '../profiles/profile.ts';
import { compileConditions, compileRules } from './conditions.ts';

describe('conditions', () => {
  const body = {
    state: null,
    message: 'Session_Closed',
    n: 3,
    list: ['a', 'The "x" does not exist'],
    deep: [{ on: true }],
  };

  it.each<[Conditions, boolean]>([
    [{ n: 3 }, true],
    [{ n: '3' }, false],
    [{ n: [1, 3] }, true],
    [{ state: null }, true],
    [{ nothing: null }, true],
    [{ message: null }, false],
    [{ message: '*' }, true],
    [{ state: '*' }, false],
    [{ message: 'session_closed' }, false],
    [{ message: '~session_' }, true],
    [{ list: '~NOT EXIST' }, true],
    [{ list: 'a' }, true],
    [{ 'deep.0.on': true }, true],
    [{ 'deep.1.on': true }, false],
    [{ $status: 404, n: 3 }, true],
    [{ $status: [200, 201] }, false],
    [{ n: 3, state: '*' }, false],
    [{ toString: '*' }, false],
  ])('%j: %s', (conditions, met) => expect(compileConditions(conditions)(404, body)).toBe(met));
});

describe('rules', () => {
  const rule = (at: Conditions, is: 'connected' | 'disconnected', word: string | null = null) => ({ if: at, is, word });

  it('count in their order', () => {
    const rules = compileRules([rule({ a: 1 }, 'disconnected', 'one'), rule({ a: '*' }, 'connected')], {});
    expect(rules(200, { a: 1 })).toMatchObject({ cause: 'disconnected', word: 'one', place: 'a', value: 1 });
    expect(rules(200, { a: 2 })).toMatchObject({ cause: 'connected' });
    expect(rules(200, {})).toBeNull();
  });

  it('say that all is well in a success only', () => {
    expect(compileRules([rule({ a: 1 }, 'connected')], {})(500, { a: 1 })).toBeNull();
  });

  it('give way to what the account says of their word', () => {
    const rules = compileRules([rule({ a: 1 }, 'disconnected', 'Page-Lost')], { page_lost: 'stopped' });
    expect(rules(200, { a: 1 })).toMatchObject({ cause: 'stopped' });
  });
});
