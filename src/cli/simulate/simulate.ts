import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { whyFailed } from '../../config/read/read-file.ts';
import { originOf } from '../../core/origin.ts';
import { whyNobody, type CastMember } from '../../simulation/cast.ts';
import { subjectOf } from '../../simulation/language/expectation.ts';
import { affected } from '../../simulation/language/happening.ts';
import { parseScenario, type Scenario } from '../../simulation/language/scenario.ts';
import type { ScenarioInstance } from '../../simulation/scenario-player.ts';
import { speechFor } from '../speech.ts';
import { UsageError, type ExitCode, type Terminal } from '../terminal.ts';
import { play } from './play.ts';
import { asJson, asText } from './report.ts';

/**
 * Runs the user's policy against a scenario on a simulated clock, and shows what would have happened. No gateway is
 * called, nobody is notified, and no state is read or written. Ends with 1 when something is not as it is expected.
 */
export async function simulate(
  options: { config: string; scenario: string; json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const config = await loadConfig(options.config, terminal.env);
  const members = membersOf(config);
  if (members.length === 0) {
    throw new UsageError(`${options.config}: there is no instance to simulate. List some under instances.`);
  }
  const scenario = await loadScenario(options.scenario, members);
  const played = await play(config, members, scenario, terminal.stop);
  const about = { scenario: options.scenario, seed: scenario.seed, notifies: config.notify.length > 0 };
  terminal.write(options.json ? asJson(played, about) : asText(played, about, speechFor(terminal, config.lang)));
  return played.checked.every(({ met }) => met) ? 0 : 1;
}

function membersOf({ instances, accounts }: Config): readonly ScenarioInstance[] {
  const origins = new Map([...accounts.values()].map(({ name, baseUrl }) => [name, originOf(baseUrl)]));
  return instances.map(({ name, account, phoneNumberId }) => {
    return { name, account, phoneNumberId, origin: origins.get(account) ?? '' };
  });
}

async function loadScenario(file: string, members: readonly CastMember[]): Promise<Scenario> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file}: ${whyFailed(error)}. Check the path given with --scenario.`);
  });
  const scenario = parseScenario(text);
  const problems = 'happenings' in scenario ? strangersIn(scenario, members) : scenario;
  if ('happenings' in scenario && problems.length === 0) return scenario;
  throw new UsageError(problems.map(({ line, message }) => `${file}:${line}: ${message}`).join('\n'));
}

/** Sentences about what the config does not have, each line once. */
function strangersIn({ happenings, expectations }: Scenario, members: readonly CastMember[]) {
  // A sentence may be repeated very often.
  const first = happenings.filter(({ at, since }) => at === since);
  const sentences = [
    ...first.map((happening) => ({ line: happening.line, who: affected(happening) })),
    ...expectations.map((expectation) => ({ line: expectation.line, who: subjectOf(expectation) })),
  ];
  const strangers = sentences.flatMap(({ line, who }): [number, string][] => {
    const message = who === null ? null : whyNobody(members, who);
    return message === null ? [] : [[line, message]];
  });
  return [...new Map(strangers)].map(([line, message]) => ({ line, message })).sort((a, b) => a.line - b.line);
}
