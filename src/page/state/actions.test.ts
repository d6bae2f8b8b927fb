import { describe, expect, it } from 'vitest';
import { PAGE_CATALOGUE } from '../../language/en/page-catalogue.ts';
import { Speech } from '../speech/speech.ts';
import { answerOf, refusalOf } from './actions.ts';
import { ApiProblem } from './api-client.ts';
import { instanceHref, routeOf } from './route.ts';
import { Tokens } from './tokens.ts';
import { rowsInView } from '../fleet/window-rows.ts';

const ENGLISH = new Speech('en', PAGE_CATALOGUE, 'UTC');
const NOW = Date.parse('2026-01-02T03:00:00.000Z');
const LATER = '2026-01-02T03:00:30.000Z';

describe('the answer to an action', () => {
  it('shows how a restart call ended, and that only probes can show whether it helped', () => {
    const restart = {
      at: LATER,
      trigger: 'api',
      requestedBy: null,
      outcome: 'accepted',
      httpStatus: 200,
      body: null,
      from: 'down',
      harmed: false,
      healed: false,
      secondsToHeal: null,
    } as const;
    const answer = answerOf('restart', { restart }, ENGLISH);
    expect(answer).toMatchObject({ ok: true, text: 'The restart call: accepted (HTTP status 200).' });
    expect(answer.details).toHaveLength(1);
    const lost = answerOf('restart', { restart: { ...restart, outcome: 'unknown', httpStatus: null } }, ENGLISH);
    expect(lost).toMatchObject({ ok: false, text: 'The restart call: no answer came.' });
  });

  it('shows the result of a probe and its remedy', () => {
    const found = { at: LATER, verdict: 'unhealthy', cause: 'refused', detail: null, seconds: 0.01 } as const;
    expect(answerOf('probe', { ...found, remedy: 'Look.' }, ENGLISH)).toMatchObject({
      text: 'unhealthy: connection refused after 10 ms.',
      details: ['Look.'],
    });
  });

  it('says how many restarts that did harm no longer count after a release', () => {
    const answer = {
      ok: true,
      text: 'Released. Harmful restarts that no longer count: 2.',
      details: [],
      forcible: false,
    };
    expect(answerOf('release', { released: 2 }, ENGLISH)).toEqual(answer);
  });

  it('names the holds of a restart and until when, and offers to insist', () => {
    const held = [
      { hold: 'cooldown', until: LATER },
      { hold: 'storm', until: null },
    ];
    expect(refusalOf('restart', new ApiProblem(409, { detail: 'Held.', held }), NOW, ENGLISH)).toEqual({
      ok: false,
      text: 'Its restart is held:',
      details: ['cooldown, ends in 30 s', 'storm: too many are sick at once'],
      forcible: true,
    });
  });

  it('offers it where a person is needed, too, but not in a dry run, nor while a call is in flight', () => {
    const forcible = (body: object): boolean => refusalOf('restart', new ApiProblem(409, body), NOW, ENGLISH).forcible;
    expect(forcible({ held: [], skipped: 'needs_human' })).toBe(true);
    expect(forcible({ held: [], skipped: 'in_flight' })).toBe(false);
    expect(forcible({ held: [{ hold: 'dry_run', until: null }] })).toBe(false);
    expect(refusalOf('pause', new ApiProblem(503, { detail: 'Full.' }), NOW, ENGLISH)).toEqual({
      ok: false,
      text: 'It could not be done, or not saved.',
      details: ['Full.'],
      forcible: false,
    });
  });
});

describe('tokens', () => {
  it('are kept by what they are good for, and forgotten for all of it', () => {
    const kept = new Map<string, string>();
    const tokens = new Tokens({
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    });
    tokens.keep('read', 'r');
    expect([tokens.get('read'), tokens.get('write')]).toEqual(['r', null]);
    tokens.keep('write', 'w');
    tokens.forget('r');
    expect([tokens.get('read'), tokens.get('write')]).toEqual(['w', 'w']);
    tokens.forget('w');
    expect(kept.size).toBe(0);
  });
});

describe('routes', () => {
  it('lead to an instance of any name and back', () => {
    const name = 'a/b #ü%';
    expect(routeOf(instanceHref(name))).toEqual({ page: 'instance', name });
    expect(routeOf('#/instance/%')).toMatchObject({ page: 'fleet' });
    expect(routeOf('')).toMatchObject({ page: 'fleet' });
  });
});

describe('rowsInView', () => {
  it('are those near the window, and the space around them is that of all others', () => {
    expect(rowsInView(10_000, 50, 0, 1_000)).toEqual({ first: 0, end: 28, before: 0, after: 9_972 * 50 });
    expect(rowsInView(10_000, 50, -50_000, 1_000)).toMatchObject({ first: 992, end: 1_028 });
    expect(rowsInView(10_000, 50, -499_000, 1_000)).toMatchObject({ end: 10_000, after: 0 });
  });

  it('are none of none, and never fewer than none', () => {
    expect(rowsInView(0, 50, 0, 1_000)).toEqual({ first: 0, end: 0, before: 0, after: 0 });
    const { first, end, after } = rowsInView(3, 50, -500_000, 1_000);
    expect(end).toBeGreaterThanOrEqual(first);
    expect(after).toBeGreaterThanOrEqual(0);
  });
});
