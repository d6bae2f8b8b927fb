import type { WhyNotMade } from './daemon/daemon-client.ts';
import type { Speech } from './speech.ts';

/** Skips that force overrides. */
const FORCIBLE: ReadonlySet<string> = new Set(['needs_human', 'disabled']);

/** Why a restart was not made, and whether an option of the command would have it made. */
export function whyNotMade(
  name: string,
  { held, skipped }: WhyNotMade,
  { cli: { operate }, words, formats }: Speech,
): string {
  const time = (iso: string): string => formats.time(Date.parse(iso));
  const holds = held.map(({ hold, until }) => (until === null ? hold : operate.holdUntil(hold, time(until))));
  const skips: Readonly<Record<string, string | undefined>> = words.skips;
  const why = skipped === null ? operate.heldBy(holds.join(', ')) : (skips[skipped] ?? skipped);
  const forcible = skipped === null ? !held.some(({ hold }) => hold === 'dry_run') : FORCIBLE.has(skipped);
  return operate.notRestarted(name, forcible ? `${why}. ${operate.forceRestarts}` : why);
}
