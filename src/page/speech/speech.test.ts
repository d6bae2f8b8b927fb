import { describe, expect, it } from 'vitest';
import { HOLDS, PHASES } from '../../core/instance/instance.ts';
import { remedyFor } from '../../core/remedy.ts';
import type { EventView } from '../../http/views/schemas.ts';
import { PAGE_CATALOGUE as ENGLISH } from '../../language/en/page-catalogue.ts';
import { PAGE_CATALOGUE as PORTUGUESE } from '../../language/pt-br/page-catalogue.ts';
import { SHOWN_PHASES } from '../../language/words.ts';
import { chooseLanguage, chosenLanguage } from './chosen-language.ts';
import { spell } from './lengths.ts';
import { Speech } from './speech.ts';

const AT = '2026-01-02T03:04:05.000Z';
const NOW = Date.parse(AT);
const en = new Speech('en', ENGLISH, 'America/Sao_Paulo');
const pt = new Speech('pt-BR', PORTUGUESE, 'America/Sao_Paulo');

describe('the speech of the page', () => {
  it.each([
    [-5, '0 s'],
    [0.9, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [185, '3 min 5 s'],
    [3_600, '1 h'],
    [3_661, '1 h 1 min'],
    [187_261, '2 d 4 h'],
  ])('spells %d seconds as %s', (seconds, words) => expect(spell(seconds)).toBe(words));

  it.each([
    [0.0124, '12 ms', '12 ms'],
    [0.9991, '999 ms', '999 ms'],
    [1.236, '1.24 s', '1,24 s'],
  ])('spells a latency of %d s as %s, or %s', (seconds, english, portuguese) => {
    expect([en.latency(seconds), pt.latency(seconds)]).toEqual([english, portuguese]);
  });

  it('shows how long ago and how long until', () => {
    const [before, after] = ['2026-01-02T03:03:05.000Z', '2026-01-02T03:04:35.000Z'];
    expect([en, pt].map((speech) => speech.ago(before, NOW))).toEqual(['1 min ago', 'há 1 min']);
    expect([en, pt].map((speech) => speech.until(after, NOW))).toEqual(['in 30 s', 'em 30 s']);
    expect([en, pt].map((speech) => speech.until(AT, NOW))).toEqual(['due now', 'agora']);
  });

  it('writes numbers, parts, days and times as people of its language do, in their zone', () => {
    expect([en, pt].map((speech) => speech.percent(0.99999))).toEqual(['99.99 %', '99,99 %']);
    expect([en, pt].map((speech) => speech.number(1_234.5))).toEqual(['1,234.5', '1.234,5']);
    expect([en, pt].map((speech) => speech.day('2026-01-02'))).toEqual(['2 Jan 2026', '2 de jan. de 2026']);
    expect(en.localTime(AT)).toBe('2 Jan 2026, 00:04:05');
    expect(pt.localTime(AT)).toBe('2 de jan. de 2026, 00:04:05');
    expect(pt.clockTime(NOW / 1_000)).toBe('00:04:05');
  });

  it.each([
    // Clocks go back at 06:00 UTC: an hour has the same time as the one before.
    ['America/New_York', '2026-11-01T05:00:00.000Z', '01 Nov 2026, 01:00 GMT-4', '01/11/2026, 01:00 GMT-4'],
    ['America/New_York', '2026-11-01T06:00:00.000Z', '01 Nov 2026, 01:00 GMT-5', '01/11/2026, 01:00 GMT-5'],
    ['Asia/Kolkata', '2026-11-30T18:00:00.000Z', '30 Nov 2026, 23:30 GMT+5:30', '30/11/2026, 23:30 GMT+5:30'],
    ['America/Sao_Paulo', '2026-11-30T18:00:00.000Z', '30 Nov 2026, 15:00 GMT-3', '30/11/2026, 15:00 BRT'],
  ])('says in %s when the hour of %s begins, with its zone', (zone, at, english, portuguese) => {
    expect(new Speech('en', ENGLISH, zone).hour(at)).toBe(english);
    expect(new Speech('pt-BR', PORTUGUESE, zone).hour(at)).toBe(portuguese);
  });

  it('counts', () => {
    expect([1, 0, 10_000].map(en.page.frame.instances)).toEqual(['1 instance', '0 instances', '10,000 instances']);
    expect([1, 0, 10_000].map(pt.page.frame.instances)).toEqual(['1 instância', '0 instâncias', '10.000 instâncias']);
  });

  it('has words for every phase and hold that there is', () => {
    expect(new Set(SHOWN_PHASES)).toEqual(new Set([...PHASES, 'disabled']));
    for (const { words } of [en, pt]) expect(Object.keys(words.holds).sort()).toEqual([...HOLDS].sort());
  });

  it('translates the remedies of the API, and leaves those of a config as they are', () => {
    expect(pt.remedy(remedyFor('banned'))).toMatch(/^O WhatsApp bloqueou/);
    expect(en.remedy(remedyFor('banned'))).toBe(remedyFor('banned'));
    expect([pt.remedy('Ask Ana.'), pt.remedy(null)]).toEqual(['Ask Ana.', null]);
  });
});

describe('what happened', () => {
  const event = (type: string, fields: object): EventView => {
    return { id: 1, at: AT, level: 'info', message: 'n3 is logged.', name: 'n3', type, ...fields };
  };

  it('is said in the language of the page', () => {
    const down = event('phase_changed', { to: 'down', cause: 'timeout', detail: 'after 10 s' });
    expect(en.happened(down)).toBe('Down: no answer in time (after 10 s).');
    expect(pt.happened(down)).toBe('Fora do ar: sem resposta a tempo (after 10 s).');
    const restarted = event('restart_finished', { attempt: 2, outcome: 'rejected', httpStatus: 500, until: AT });
    expect(pt.happened(restarted)).toBe(
      'Reinício 2: recusado (HTTP 500). Nenhum outro antes de 2 de jan. de 2026, 00:04:05.',
    );
    expect(pt.happened(event('healed', { attempt: 1, secondsToHeal: 12, downSeconds: 95 }))).toBe(
      'Recuperada: saudável 12 s depois do reinício 1, 1 min 35 s depois da primeira falha.',
    );
  });

  it('is said in the words of the log where the page does not know it, and of anything without an error', () => {
    expect(pt.happened(event('toString', {}))).toBe('n3 is logged.');
    for (const type of Object.keys(pt.page.happened)) {
      for (const odd of [{}, { to: 7, cause: 'eaten', until: 'soon', attempt: 'x', httpStatus: '5' }]) {
        expect(pt.happened(event(type, odd))).not.toMatch(/undefined|NaN|Invalid|\[object/);
      }
    }
  });
});

describe('the language', () => {
  it('is the one that was chosen in this browser, else that of the document', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    expect([chosenLanguage(storage, 'pt-BR'), chosenLanguage(storage, 'xx')]).toEqual(['pt-BR', 'en']);
    chooseLanguage(storage, 'en');
    expect(chosenLanguage(storage, 'pt-BR')).toBe('en');
    kept.set('smileapi-watchdog.language', 'klingon');
    expect(chosenLanguage(storage, 'pt-BR')).toBe('pt-BR');
  });
});
