import { describe, expect, it } from 'vitest';
import { DEMO_FLEET } from '../../simulator/fleet-script.ts';
import { speechFor } from '../speech.ts';
import { demoTable, type DemoEnd } from './demo.ts';

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
