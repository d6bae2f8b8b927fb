import { describe, expect, it } from 'vitest';
import { nightRow } from '../scripts/night-table.ts';
import { playShipped, SHIPPED, storyOf, textOf, type Report } from '../scripts/shipped-scenarios.ts';
import { subjectOf } from '../src/simulation/language/expectation.ts';
import { affected } from '../src/simulation/language/happening.ts';
import { parseScenario } from '../src/simulation/language/scenario.ts';
import { read, sectionOf } from './docs/markdown.ts';

const nightReport = sectionOf(read('docs/concepts.md'), 'Night report').split('\n');

describe.each(SHIPPED)('the shipped scenario %s', (name) => {
  const played = async (): Promise<Report> => {
    const report = await playShipped(name);
    if ('problem' in report) throw new Error(report.problem);
    return report;
  };

  it('becomes what it should, at the documented cost', async () => {
    const report = await played();
    expect(report.expectations).not.toEqual([]);
    expect(report.expectations.filter(({ met }) => !met)).toEqual([]);
    expect(nightReport, 'put what `npm run -s night-report` prints into docs/concepts.md').toContain(
      nightRow(name, report),
    );
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

describe('the night report of docs/concepts.md', () => {
  it('has a row for each shipped scenario, and no other', () => {
    const names = nightReport.flatMap((line) => /^\| \[`([^`]+)`\]/.exec(line)?.slice(1) ?? []);
    expect(names).toEqual(SHIPPED);
  });
});
