import { BUILT_IN_GATEWAYS, builtInGateway, builtInText, type KnownGateway } from '../config/gateways/built-in.ts';
import { knownRemedy } from '../config/check/cross-checks.ts';
import { PROOF } from '../config/check/gateway-warnings.ts';
import type { Profile } from '../gateway/profiles/profile.ts';
import { cleanText } from '../redaction/clean-text.ts';
import { renderTable, UsageError, type ExitCode, type Terminal } from './terminal.ts';

/** Lists the gateways that come with the program, or prints the file of the one that is named. */
export function gateways(name: string | undefined, terminal: Terminal): ExitCode {
  if (name === undefined) {
    const profiles = BUILT_IN_GATEWAYS.flatMap((each) => builtInGateway(each)?.profile ?? []);
    const rows = profiles.map((profile) => [
      profile.name,
      PROOF[profile.known.by],
      profile.known.versions ?? '',
      restartOf(profile),
    ]);
    terminal.write(renderTable(['GATEWAY', 'KNOWN', 'VERSIONS', 'RESTART'], rows));
    return 0;
  }
  terminal.write(builtInText(builtInNamed(name).profile.name));
  return 0;
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
