import { describe, expect, it } from 'vitest';
import type { Daemon } from '../../daemon.ts';
import { systemClock } from '../../time/clock.ts';
import type { Terminal } from '../terminal.ts';
import { DEMO_FLEET } from '../../simulator/fleet-script.ts';
import { speechFor } from '../speech.ts';
import { demoTable, type DemoEnd } from './demo.ts';
import { demoLine, DemoScreen } from './screen.ts';

const ENDS = DEMO_FLEET.map(({ name, fate }): DemoEnd => ({
  ...{ name, fate, phase: 'needs_human', cause: 'banned', restarts: 3 },
}));

describe('the end of the demo in Portuguese', () => {
  it('has a story for each instance', () => {
    const { story } = speechFor({ env: {} }, 'pt-BR').cli.demo;
    expect(DEMO_FLEET.filter(({ name, fate }) => story(name, fate) === fate)).toEqual([]);
  });

  it.each([true, false])('fits a terminal of 80 columns, with stories (%s)', (stories) => {
    const lines = demoTable(ENDS, stories, speechFor({ env: { LANG: 'pt_BR' } })).split('\n');
    expect(lines[0]).toMatch(/^NOME +FASE +REINÍCIOS /);
    expect(lines[1]).toContain('precisa de alguém');
    if (!stories) expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

it('says of a remedy what the gateway of the demo says of it', () => {
  const accounts = new Map([['demo', { remedyTexts: { banned: 'Write to the panel of ours.' } }]]);
  const daemon = { watchdog: { fleet: { accounts } } } as unknown as Daemon;
  const simulator = { url: '' };
  let written = '';
  const write = (text: string): void => void (written += text);
  const terminal = { clock: systemClock(), interactive: false, write } as unknown as Terminal;
  const speech = speechFor({ env: {} });
  const screen = new DemoScreen({ daemon, simulator, terminal, speech, gateway: 'ours' });
  const began = {
    type: 'phase_changed',
    at: 0,
    name: 'n',
    account: 'demo',
    from: 'healthy',
    to: 'needs_human',
  } as const;
  screen.show({ ...began, cause: 'banned', detail: null, failures: 1, failingSince: 0 });
  expect(written).toContain('Write to the panel of ours.');
});

describe('the lines of the demo', () => {
  const one = { at: 0, name: 'support', account: 'acme' } as const;
  const changed = { type: 'phase_changed', ...one, detail: null, failures: 2, failingSince: 0 } as const;
  const PAIRS = [
    [{ ...changed, from: 'suspect', to: 'down', cause: 'timeout' }, /^support is down/, /^support: Fora do ar: /],
    [
      { type: 'storm_began', at: 0, account: 'acme', sick: 5, allowed: 3, watched: 9 },
      /^storm: 5 of 9/,
      /^acme: 5 de 9/,
    ],
    [{ ...changed, from: 'suspect', to: 'healthy', cause: 'connected' }, null, null],
    [{ type: 'stable', ...one, attempts: 1 }, null, null],
  ] as const;

  it.each(PAIRS)('of %o are in the language of the environment', (event, english, portuguese) => {
    for (const [lang, expected] of [['C', english] as const, ['pt_BR.UTF-8', portuguese] as const]) {
      const line = demoLine(event, () => undefined, speechFor({ env: { LANG: lang } }));
      if (expected === null) expect(line).toBeNull();
      else expect(line).toMatch(expected);
    }
  });
});
