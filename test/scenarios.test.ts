import { describe, expect, it } from 'vitest';
import { playShipped, SHIPPED, storyOf, textOf } from '../scripts/shipped-scenarios.ts';
import { subjectOf } from '../src/simulation/language/expectation.ts';
import { affected } from '../src/simulation/language/happening.ts';
import { parseScenario } from '../src/simulation/language/scenario.ts';

/** Incidents whose rule is still missing. A name leaves this list with the commit that brings its rule. */
const AWAITED: ReadonlySet<string> = new Set([
  'asked-restart-beside-dead',
  'blind-gateway',
  'blip-beside-dead',
  'conflict-pingpong',
  'exhausted-cure-seen-late',
  'flapping-noise',
  'healed-by-way-of-a-qr-code',
  'needs-human-then-silence',
  'pairing-sync',
  'proxy-404',
  'qr-then-close',
  'remedy-changes',
  'restart-404-from-proxy',
  'restart-costs-pairing',
  'session-loop',
  'shared-gateway',
  'single-401',
  'slow-canary',
  'slow-start',
  'stopped-on-purpose',
  'undelivered-spends-budget',
]);

describe.each([...AWAITED])('the shipped scenario %s', (name) => {
  it('does not become what it should yet', async () => {
    const report = await playShipped(name);
    expect('problem' in report || report.expectations.some(({ met }) => !met)).toBe(true);
  });
});

describe.each(SHIPPED.filter((name) => !AWAITED.has(name)))('the shipped scenario %s', (name) => {
  it('becomes what it should', async () => {
    const report = await playShipped(name);
    if ('problem' in report) throw new Error(report.problem);
    expect(report.expectations).not.toEqual([]);
    expect(report.expectations.filter(({ met }) => !met)).toEqual([]);
  });

  it('begins with what happened', () => {
    expect(storyOf(name)).toMatch(/^[A-Z].+\.$/);
  });

  it('names no instance, account or gateway, so that it can be played on any config', () => {
    const scenario = parseScenario(textOf(name));
    if (!('happenings' in scenario)) throw new Error(JSON.stringify(scenario));
    const subjects = [...scenario.happenings.map(affected), ...scenario.expectations.map(subjectOf)];
    expect(subjects.filter((who) => who !== null && (who.type === 'one' || who.of !== null))).toEqual([]);
  });
});
