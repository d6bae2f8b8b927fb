import { describe, expect, it } from 'vitest';
import { playShipped, SHIPPED, storyOf, textOf } from '../scripts/shipped-scenarios.ts';
import { subjectOf } from '../src/simulation/language/expectation.ts';
import { affected } from '../src/simulation/language/happening.ts';
import { parseScenario } from '../src/simulation/language/scenario.ts';

describe.each(SHIPPED)('the shipped scenario %s', (name) => {
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
