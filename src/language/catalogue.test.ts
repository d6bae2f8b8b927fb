import { describe, expect, it } from 'vitest';
import { HOLDS } from '../core/instance/instance.ts';
import { NOTIFY_TOPICS } from '../core/notification.ts';
import { remedyFor } from '../core/remedy.ts';
import { HOUR, MINUTE } from '../core/time.ts';
import { TROUBLES } from '../core/trouble.ts';
import { EVERY_CAUSE } from '../core/verdict.ts';
import { CATALOGUES, detailIn, remedyIn, translateRemedy } from './catalogue.ts';
import { Formats } from './format.ts';
import type { News, NewsOf } from './news.ts';

const AT = Date.parse('2026-11-29T13:03:00Z');
const one = { at: AT, name: 'support', account: 'acme' } as const;
const all = { at: AT, account: 'acme' } as const;
const intent = { trigger: 'failure', requestedBy: null, startedAt: AT, attempt: 2, from: 'down', cooldownBefore: null };

/** One of each, so that every sentence is said. */
const SAMPLES: { readonly [Type in News['type']]: Omit<NewsOf<Type>, 'type'> } = {
  phase_changed: { ...one, from: 'suspect', to: 'down', cause: 'timeout', detail: null, failures: 3, failingSince: AT },
  cause_changed: { ...one, phase: 'down', from: 'timeout', cause: 'banned', detail: null },
  healed: { ...one, trigger: 'failure', attempt: 1, secondsToHeal: 12.4, downSeconds: 180 },
  recovered: { ...one, downSeconds: 90 },
  paused: { ...one, reason: 'new phone', by: 'ana', until: AT + HOUR },
  unpaused: { ...one, by: null },
  reset: { ...one, by: 'ana', attempts: 2 },
  state_not_saved: { ...one, reason: 'ENOSPC', restartGivenUp: true },
  state_saved_again: one,
  state_unusable: { at: AT, reason: 'corrupt.', soughtAgain: true },
  state_found: { at: AT, instances: 1200 },
  restart_finished: {
    ...one,
    ...{ intent, outcome: 'rejected', httpStatus: 500, detail: null, refusal: null, seconds: 1, cooldownUntil: AT },
  } as Omit<NewsOf<'restart_finished'>, 'type'>,
  not_healed: { ...one, attempt: 2, cause: 'timeout' },
  escalated: { ...one, attempt: 3, cause: 'disconnected', to: 'docker' },
  restart_harmed: { ...one, trigger: 'failure', attempt: 2, cause: 'pairing_required' },
  decision_failed: { ...one, reason: 'TypeError', state: {}, observation: {} },
  alert_unmatched: { at: AT, alerts: 1, alert: 'Stuck', instances: ['ghost'] },
  storm_began: { ...all, sick: 6, allowed: 4, watched: 10 },
  storm_paced: all,
  storm_ended: { ...all, quietUntil: AT },
  gateway_outage_began: { ...all, unreachable: 9, watched: 10 },
  gateway_outage_ended: all,
  harmful_began: { ...all, harmed: 2, within: 24 * HOUR },
  restart_method_found: { ...all, method: 'PUT' },
  bulk_failed: { ...all, cause: 'server_error', detail: null },
  bulk_works: all,
  instances_discovered: { ...all, added: 2, removed: 1, unusable: 0 },
  discovery_failed_began: { ...all, why: 'shrunk', listed: 3, watched: 12 } as Omit<
    NewsOf<'discovery_failed_began'>,
    'type'
  >,
  discovery_failed_ended: all,
  harmful_ended: { ...all, by: 'ana' },
  blind_began: { ...all, blind: 6, watched: 10, cause: 'unreadable' },
  blind_ended: all,
  silence_began: { ...one, since: AT, limit: 6 * HOUR },
  silence_ended: { ...one, since: AT, why: 'activity' },
  silent_began: { ...all, silent: 6, expected: 10 },
  silent_ended: all,
  refused_began: { ...all, cause: 'unauthorized', refused: 9, watched: 10 },
  refused_ended: all,
  own_network_down: { at: AT, reason: '0 of 2 targets answer' },
  own_network_up: { at: AT },
  config_reloaded: {
    ...{ at: AT, reason: 'api', added: 1, removed: 0, changed: 2, changedAccounts: 0, waitingForRestart: ['listen'] },
  },
  config_reload_failed: {
    ...{ at: AT, reason: 'files' },
    problems: [{ file: 'config.yaml', line: 1, column: 1, path: 'a', message: 'unknown key', remedy: 'Remove it.' }],
  },
  flapping_began: { of: null, changes: 6, seconds: 1500, within: HOUR },
  flapping_ended: { now: 'up' },
};

/** Every text of a catalogue with its place in it; functions are left out. */
function textsOf(value: unknown, place: string): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[place, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => textsOf(each, `${place}.${key}`));
}

describe('the catalogues', () => {
  const english = new Map(textsOf(CATALOGUES.en, ''));
  const portuguese = new Map(textsOf(CATALOGUES['pt-BR'], ''));

  it('have the same texts, none of them empty', () => {
    expect([...portuguese.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [place, text] of [...english, ...portuguese]) expect(text.trim(), place).not.toBe('');
  });

  it('have nothing left untranslated', () => {
    const left = [...portuguese].filter(([place, text]) => english.get(place) === text);
    expect(left).toEqual([]);
  });

  it('have a remedy in each language for the same causes, and keep the names of keys in it', () => {
    const keys = (text: string): string[] =>
      text.match(/\b[a-z]+(?:[A-Z]\w*|File\b|\.[a-z]\w+\b)|\b[A-Z]+_[A-Z]+\b|\bhttps?:\/\/|\b[a-z]+: \w+/g)?.sort() ??
      [];
    for (const [place, text] of english) {
      if (!/^\.(remedies|troubles)/.test(place) || !place.includes('remed')) continue;
      for (const key of keys(text).filter((each) => /[A-Z_]|:\/\//.test(each)))
        expect(portuguese.get(place), place).toContain(key);
    }
    for (const cause of EVERY_CAUSE) {
      expect(remedyIn(CATALOGUES.en, cause)).toBe(remedyFor(cause));
      expect(remedyIn(CATALOGUES['pt-BR'], cause) === null).toBe(remedyFor(cause) === null);
    }
  });

  it('say of an outage which only the health route shows that it is so', () => {
    for (const language of ['en', 'pt-BR'] as const) {
      const { news } = CATALOGUES[language].sentences;
      const formats = new Formats(language, 'America/Sao_Paulo');
      const outage = { ...SAMPLES.gateway_outage_began, type: 'gateway_outage_began', unreachable: 0 } as const;
      expect(news.gateway_outage_began(outage, formats)).not.toContain('healthPath');
      const said = news.gateway_outage_began({ ...outage, byHealthRoute: true }, formats);
      expect(said).toMatch(/^0 (of|de) 10 [^]*healthPath/);
    }
  });

  it('say each piece of news, in words of their own', () => {
    const formats = { en: new Formats('en', 'America/Sao_Paulo'), 'pt-BR': new Formats('pt-BR', 'America/Sao_Paulo') };
    for (const [type, sample] of Object.entries(SAMPLES)) {
      const said = (['en', 'pt-BR'] as const).map((language) => {
        const { news } = CATALOGUES[language].sentences;
        return (news[type as News['type']] as (news: unknown, f: Formats) => string)(
          { type, ...sample },
          formats[language],
        );
      });
      expect(new Set(said).size, type).toBe(2);
      for (const text of said) expect(text, type).toMatch(/^(?!.*(undefined|NaN|\[object|null)).+[.)]$/s);
    }
  });

  it.each(['en', 'pt-BR'] as const)('(%s) say what comes next of each hold', (language) => {
    const { sentences, words } = CATALOGUES[language];
    const formats = new Formats(language, 'UTC');
    for (const hold of HOLDS)
      expect(sentences.next({ type: 'held', holds: [hold], until: null }, formats)).toContain(words.holds[hold]);
    expect(Object.keys(sentences.headings).sort()).toEqual([...NOTIFY_TOPICS].sort());
  });
});

describe('a remedy', () => {
  const pt = CATALOGUES['pt-BR'];

  it('is found by its cause, or by the trouble that a detail names', () => {
    const detail = `${TROUBLES.expired.detail} (2026-11-01)`;
    expect(remedyIn(pt, 'pairing_required')).toMatch(/QR code/);
    expect(remedyIn(pt, 'tls', detail)).toBe(pt.troubles.expired.remedy);
    expect(detailIn(pt, detail)).toBe('o certificado do gateway venceu (2026-11-01)');
    expect(detailIn(pt, 'HTTP 401')).toBe('HTTP 401');
  });

  it.each([
    ['connection refused (ECONNREFUSED)', 'conexão recusada (ECONNREFUSED)'],
    ['no answer within 10 s', 'nenhuma resposta em 10 s'],
    ['no connection in time (ETIMEDOUT)', 'nenhuma conexão a tempo (ETIMEDOUT)'],
    ['no connection within 5 s', 'nenhuma conexão em 5 s'],
    [`${TROUBLES.nameServers.detail} within 5 s`, 'nenhum servidor DNS respondeu em 5 s'],
    ['no answers', 'no answers'],
  ])('says of a call that was not answered, %s, why that is: %s', (detail, expected) => {
    expect(detailIn(pt, detail)).toBe(expected);
    expect(detailIn(CATALOGUES.en, detail)).toBe(detail);
  });

  it('that an answer of the API has in English is translated, and an unknown one stays', () => {
    expect(translateRemedy(pt, remedyFor('banned') ?? '')).toBe(pt.remedies.banned);
    expect(translateRemedy(pt, TROUBLES.payment.remedy)).toBe(pt.troubles.payment.remedy);
    expect(translateRemedy(pt, 'Look at it.')).toBe('Look at it.');
  });
});

describe('formats', () => {
  it.each([
    ['en', 0.012, '12 ms'],
    ['en', 1.54, '1.5 s'],
    ['pt-BR', 1.54, '1,5 s'],
    ['pt-BR', 5 * 60, '5 min'],
    ['pt-BR', 3.25 * 3600, '3,3 h'],
    ['en', 100 * 3600, '4.2 d'],
  ] as const)('(%s) show %d seconds as %s', (language, seconds, shown) => {
    expect(new Formats(language).amount(seconds)).toBe(shown);
  });

  it('show numbers and times as people of the language write them, in their zone', () => {
    const [en, pt] = [new Formats('en', 'America/Sao_Paulo'), new Formats('pt-BR', 'America/Sao_Paulo')];
    expect([en.number(1234.5), pt.number(1234.5)]).toEqual(['1,234.5', '1.234,5']);
    expect(en.time(AT)).toMatch(/^29 Nov 2026,? 10:03 GMT-3$/);
    expect(pt.time(AT)).toMatch(/^29\/11\/2026,? 10:03 (GMT-3|BRT)$/);
    expect([pt.shortTime(AT, AT + MINUTE), pt.shortTime(AT, AT + 24 * HOUR)]).toEqual(['10:03', '29/11/2026 10:03']);
  });
});
