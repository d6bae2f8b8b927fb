import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../src/core/time.ts';
import { render } from '../../src/notify/formats/render.ts';
import { inWords, type Style } from '../../src/notify/formats/in-words.ts';
import { testNotice, type InstanceFacts, type Notice } from '../../src/notify/notice.ts';
import { Masks } from '../../src/redaction/masks.ts';
import { ENGLISH, message, notice, receiverSettings } from './notices.ts';

const AT = Date.parse('2026-11-29T13:03:00Z');
const FACTS: InstanceFacts = {
  displayName: 'Recepção – São Paulo',
  phoneNumberId: '5511987654321',
  labels: { unit: 'centro' },
  cause: 'pairing_required',
  detail: 'instance.state "qr"',
  next: { type: 'only_probe', why: 'needs_human' },
};
const PORTUGUESE: Style = { language: 'pt-BR', pageUrl: 'https://watchdog.example/' };
const ZONE = 'America/Sao_Paulo';

const needsHuman = (more: Partial<Notice> = {}): Notice => {
  const about = { at: AT, name: 'support', account: 'acme' } as const;
  const trouble = {
    cause: 'pairing_required',
    detail: 'instance.state "qr"',
    failures: 0,
    failingSince: null,
  } as const;
  const news = { type: 'phase_changed', ...about, from: 'healthy', to: 'needs_human', ...trouble } as const;
  return notice({ topic: 'needs_human', at: AT, since: AT, news, facts: FACTS, fields: {}, ...more });
};
const linesOf = (given: Notice, style = PORTUGUESE): string => inWords(message(given), style, ZONE).lines.join('\n');

describe('a message to people', () => {
  it('names the remedy of their gateway, where that has one of its own', () => {
    const remedyTexts = { pairing_required: 'Open the panel of ours.', banned: 'Call Ana.' };
    const said = linesOf(needsHuman({ remedyTexts }));
    expect([said, said]).toEqual([
      expect.stringContaining('Open the panel of ours.'),
      expect.not.stringContaining('Ana'),
    ]);
  });

  it('names it of a whole account as well', () => {
    const news = {
      type: 'refused_began',
      at: AT,
      account: 'acme',
      cause: 'unauthorized',
      refused: 3,
      watched: 4,
    } as const;
    const about = { topic: 'refused', name: null, facts: null, news } as const;
    const remedyTexts = { unauthorized: 'Copy the key of the manager.' };
    expect(linesOf(needsHuman({ ...about, remedyTexts }))).toContain('O que fazer: Copy the key of the manager.');
    expect(linesOf(needsHuman(about))).toMatch(/O que fazer: .*token/);
  });

  it('names all that they need, in their language and time', () => {
    const { title, lines, link } = inWords(message(needsHuman()), PORTUGUESE, ZONE);
    expect(title).toBe('Precisa de alguém: Recepção – São Paulo');
    expect(lines.slice(0, -1)).toEqual([
      'Nenhum reinício resolve; uma pessoa precisa agir.',
      'Nome: support · Número: 5511987654321 · Conta: acme',
      'Etiquetas: unit=centro',
      'Causa: é preciso ler o QR code (pairing_required): instance.state "qr"',
      'O que fazer: O WhatsApp desvinculou este número: abra o gateway e leia o QR code de novo com o celular dele.',
      'O watchdog não reinicia; continua verificando e avisa quando voltar.',
    ]);
    expect(lines.at(-1)).toMatch(/^29\/11\/2026,? 10:03 /);
    expect(link).toBe('https://watchdog.example/#/instance/support');
  });

  it('says in a reminder what is wrong now, and for how long', () => {
    const facts: InstanceFacts = { ...FACTS, cause: 'banned', detail: null };
    const text = linesOf(needsHuman({ stage: 'lasts', at: AT + 5 * HOUR, facts }), ENGLISH);
    expect(text).toMatch(/So for 5 h\./);
    expect(text).toContain('Cause: blocked by WhatsApp (banned)');
  });

  it('says of an end how long it lasted, and no cause', () => {
    const about = { at: AT, name: 'support', account: 'acme' } as const;
    const healthy = { cause: 'connected', detail: null, failures: 0, failingSince: null } as const;
    const news = { type: 'phase_changed', ...about, from: 'needs_human', to: 'healthy', ...healthy } as const;
    const over = needsHuman({ topic: 'recovered', stage: 'ended', at: AT + 10 * MINUTE, news });
    expect(linesOf(over)).toMatch(/Durou 10 min\./);
    expect(linesOf(over)).not.toContain('Causa');
  });

  it('says of many once what is the same of all', () => {
    const other = needsHuman({ name: 'sales', facts: { ...FACTS, displayName: null } });
    const { title, lines, link } = inWords({ ...message(needsHuman(), other), count: 30 }, PORTUGUESE, ZONE);
    expect(title).toBe('Precisa de alguém: 30 instâncias');
    expect(lines.slice(0, 4)).toEqual([
      'Recepção – São Paulo (5511987654321): é preciso ler o QR code',
      'sales (5511987654321): é preciso ler o QR code',
      'e mais 28',
      expect.stringMatching(/^O que fazer: O WhatsApp desvinculou/),
    ]);
    expect(link).toBe('https://watchdog.example/');
  });

  it('says of a test that it is one', () => {
    expect(inWords(message(testNotice('t', AT, 'a test')), PORTUGUESE, ZONE)).toMatchObject({ title: 'Teste' });
  });
});

describe('a template of a user', () => {
  const said = (text: string, given = needsHuman()): string => {
    const settings = receiverSettings({ format: 'slack', template: { title: '{{subject}}!', text } });
    const found = render(message(given), settings, new Masks(() => []), PORTUGUESE);
    const { blocks } = JSON.parse('body' in found ? found.body : '') as { blocks: { text: { text: string } }[] };
    return `${blocks[0]?.text.text ?? ''} | ${blocks[1]?.text.text ?? ''}`;
  };

  it('replaces our words, with markup of its own, sections and the list of all', () => {
    expect(
      said('*{{number}}*{{#ended}} over{{/ended}}{{^detail}} no{{/detail}} {{#instances}}{{name}};{{/instances}}'),
    ).toBe('🔴 *Recepção – São Paulo!* | *5511987654321* support;');
  });

  it('gives what comes from outside no markup and no link, and keeps ours', () => {
    const hostile = needsHuman({ facts: { ...FACTS, displayName: '<!channel> https://evil.example' } });
    expect(said('{{subject}} {{link}}', hostile)).toBe(
      '🔴 *&lt;!channel&gt; https[:]//evil[.]example!* | &lt;!channel&gt; https[:]//evil[.]example https://watchdog.example/#/instance/support',
    );
  });

  it('gives way to our words where it says nothing, or more than the service takes', () => {
    expect(said('{{#ended}}over{{/ended}}')).toContain('O que fazer');
    expect(said(`{{text}}${'x'.repeat(3_500)}`)).toContain('O que fazer');
  });
});
