import { describe, expect, it } from 'vitest';
import type { FleetEvent } from '../../core/event.ts';
import { isoTime } from '../../core/schedule/iso-time.ts';
import { HOUR } from '../../core/time.ts';
import { lineOf } from '../../telemetry/log/event-line.ts';
import { eventWords } from './event-words.ts';
import { speechFor } from '../speech.ts';

const AT = Date.parse('2026-11-29T13:03:00Z');
const PORTUGUESE = speechFor({ env: { LANG: 'pt_BR.UTF-8' } });
const one = { at: AT, name: 'support', account: 'acme' } as const;
const all = { at: AT, account: 'acme' } as const;

/** As the API shows it. */
function shown(event: FleetEvent) {
  const { fields, msg } = lineOf(event);
  return { ...fields, type: event.type, at: isoTime(event.at), message: msg };
}

const SAID: readonly (readonly [FleetEvent, string])[] = [
  [
    {
      type: 'phase_changed',
      ...one,
      from: 'suspect',
      to: 'down',
      cause: 'timeout',
      detail: null,
      failures: 3,
      failingSince: AT,
    },
    'support: Fora do ar: sem resposta a tempo.',
  ],
  [
    { type: 'healed', ...one, trigger: 'failure', attempt: 1, secondsToHeal: 12.4, downSeconds: 180 },
    'support: Recuperada: saudável 12,4 s depois do reinício 1, 3 min depois da primeira falha.',
  ],
  [
    { type: 'storm_began', ...all, sick: 6, allowed: 4, watched: 10 },
    'acme: 6 de 10 instâncias falham, mais que 4. Procure uma causa em comum.',
  ],
  [
    { type: 'gateway_outage_ended', ...all, gateway: { origin: 'https://gw.example', accounts: ['acme', 'shop'] } },
    'https://gw.example: O gateway responde de novo; o que ainda falha recomeça a contagem de falhas.',
  ],
  [{ type: 'storm_ended', ...all, quietUntil: null }, 'acme: A tempestade passou.'],
  [
    { type: 'harmful_began', ...all, harmed: 2, within: 24 * HOUR },
    'acme: Depois de 2 reinícios em 24 h, instâncias precisam de alguém',
  ],
  [
    { type: 'discovery_failed_began', ...all, why: 'shrunk', listed: 3, watched: 12 },
    'acme: A lista de instâncias do gateway não é seguida, e tudo fica como está: ela traz 3 de 12 instâncias.',
  ],
  [{ type: 'blind_began', ...all, blind: 6, watched: 10, cause: null }, 'acme: Nada se sabe de 6 de 10 instâncias'],
  [{ type: 'own_network_down', at: AT, reason: '0 of 2 targets answer' }, 'Esta máquina está sem rede: '],
  [
    {
      type: 'config_reloaded',
      at: AT,
      reason: 'api',
      added: 1,
      removed: 0,
      changed: 2,
      changedAccounts: 0,
      waitingForRestart: ['listen'],
    },
    'Instâncias novas: 1, removidas: 0, alteradas: 2. Só valem depois de reiniciar o watchdog: listen.',
  ],
  [
    {
      type: 'config_reload_failed',
      at: AT,
      reason: 'files',
      problems: [{ file: 'c.yaml', line: 3, column: 7, path: 'dryRun', message: 'is missing', remedy: 'Add it.' }],
    },
    'A configuração não foi recarregada; a anterior continua em uso. dryRun: falta. ',
  ],
  [
    { type: 'alert_unmatched', at: AT, alerts: 1, alert: 'Stuck', instances: ['ghost'] },
    'O alerta Stuck pede um reinício de ghost, que não é monitorada.',
  ],
  [
    { type: 'accounts_claimed', at: AT, accounts: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], from: ['r2'] },
    'Monitora a partir de agora: a, b, c, d, e (+2), porque r2 não dá mais sinal.',
  ],
  [
    { type: 'replica_joined', at: AT, replica: 'r2', replicas: 3 },
    'A réplica r2 entrou; 3 réplicas dividem as contas.',
  ],
  [
    { type: 'configs_differ', at: AT, replicas: ['r2'], outdated: true },
    'Têm outra configuração: r2. A daqui é mais antiga',
  ],
  [
    { type: 'tokens_refused', at: AT, right: 'api.token', address: '192.0.2.7', count: 20 },
    '20 tokens errados em um minuto vieram de 192.0.2.7 (api.token)',
  ],
  [
    { type: 'webhooks_unmatched', at: AT, why: 'ambiguous', webhooks: 2, accounts: ['acme', 'shop'], places: [] },
    'Um webhook de acme, shop não teve efeito: nomeia uma instância de várias contas.',
  ],
  [{ type: 'alerts_refused', at: AT, alerts: null, reason: 'no JSON' }, 'Uma entrega de alertas foi recusada'],
];

describe('events', () => {
  it.each(SAID)('%o are said in Portuguese', (event, said) => {
    const words = eventWords(shown(event), PORTUGUESE);
    expect(words.replaceAll('\u{a0}', ' ')).toContain(said);
    expect(words).not.toMatch(/undefined|NaN/);
  });

  it('are in English what the log says', () => {
    for (const [event] of SAID) {
      const view = shown(event);
      expect(eventWords(view, speechFor({ env: {} }))).toBe(view.message);
    }
  });

  it('of a newer or a broken watchdog are what the log says', () => {
    const message = 'acme did what nobody knows';
    for (const type of ['of_tomorrow', 'storm_began', 'blind_began', 'toString']) {
      expect(eventWords({ type, message, account: 'acme', cause: 'of_tomorrow' }, PORTUGUESE)).toBe(message);
    }
  });

  it('say until when, with the day only where it is another one', () => {
    const held = { type: 'restart_held', message: 'x', name: 'a', hold: 'cooldown', at: '2026-11-29T12:00:00.000Z' };
    const until = (iso: string): string => eventWords({ ...held, until: iso }, PORTUGUESE);
    expect(until('2026-11-29T12:10:00.000Z')).toMatch(/^a: .*, até \d\d:\d\d\.$/);
    expect(until('2026-12-09T12:10:00.000Z')).toMatch(/, até 09\/12\/2026 \d\d:\d\d\.$/);
  });

  it('draw nothing on the terminal', () => {
    const event = { type: 'paused', message: 'x', name: 'a', by: 'ana\u{1b}[2J', reason: 'férias' };
    expect(eventWords(event, PORTUGUESE)).toMatch(/^a: Pausada por ana[^\u{1b}]*férias\.$/u);
  });
});
