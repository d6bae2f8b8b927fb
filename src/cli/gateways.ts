import { existsSync } from 'node:fs';
import { BUILT_IN_GATEWAYS, builtInGateway, builtInText, type KnownGateway } from '../config/gateways/built-in.ts';
import { ownGateways, type OwnGateway } from '../config/gateways/own-gateways.ts';
import { ConfigError } from '../config/problems.ts';
import { PROOF } from '../config/check/gateway-warnings.ts';
import { knownRemedy } from '../config/syntax/spelling.ts';
import type { Profile } from '../gateway/profiles/profile.ts';
import { cleanText } from '../redaction/clean-text.ts';
import { speechFor } from './speech.ts';
import { renderTable, UsageError, type ExitCode, type Terminal } from './terminal.ts';

/**
 * Lists the gateways that come with the program and those of the config, or prints the description of the one that is named.
 *
 * @param options `isNamed`: the config was, so it must be there, and right
 */
export async function gateways(
  name: string | undefined,
  options: { readonly config: string; readonly isNamed: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const own = await ownOf(options, terminal);
  if (name === undefined) {
    const builtIn = BUILT_IN_GATEWAYS.flatMap((each) => builtInGateway(each)?.profile ?? []);
    const profiles = [...builtIn, ...own.map(({ profile }) => profile)];
    // The language of a config is known only where all of it is right.
    const { error, cli } = speechFor(terminal);
    const { known, versions, restart } = cli.columns;
    const rows = profiles.map((profile) => [
      profile.name,
      error(PROOF[profile.known.by]),
      profile.known.versions ?? '',
      restartOf(profile),
    ]);
    terminal.write(renderTable(['GATEWAY', known, versions, restart], rows));
    return 0;
  }
  const found = own.find(({ profile }) => profile.name === name);
  terminal.write(found === undefined ? builtInText(builtInNamed(name).profile.name) : await found.text());
  return 0;
}

async function ownOf(
  { config, isNamed }: { readonly config: string; readonly isNamed: boolean },
  { env }: Terminal,
): Promise<readonly OwnGateway[]> {
  if (!isNamed && !existsSync(config)) return [];
  try {
    return await ownGateways(config, env);
  } catch (error) {
    // A config that nobody named is not what was asked about.
    if (isNamed || !(error instanceof ConfigError)) throw error;
    return [];
  }
}

/** The built-in gateway of this name; throws a UsageError where there is none. */
export function builtInNamed(name: string): KnownGateway {
  const found = builtInGateway(name);
  if (found !== null) return found;
  const remedy = knownRemedy(name, BUILT_IN_GATEWAYS, `Built in are ${BUILT_IN_GATEWAYS.join(', ')}.`);
  throw new UsageError(`there is no built-in gateway ${JSON.stringify(cleanText(name))}. ${remedy}`);
}

/** What is called, for each word. */
function restartOf({ remedies }: Profile): string {
  return remedies
    .map(({ on, steps }) => {
      const calls = steps.map(({ method, path }) => `${method} ${path}`).join(', ');
      return on.length === 0 ? calls : `${on.join('/')}: ${calls}`;
    })
    .join('; ');
}
