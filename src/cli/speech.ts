import { CATALOGUES, detailIn, remedyIn, type Catalogue } from '../language/catalogue.ts';
import { Formats } from '../language/format.ts';
import { languageOfEnvironment, type Language } from '../language/language.ts';
import { errorIn, helpIn, problemIn } from '../language/problem-sentences.ts';
import { formatProblems, type Problem } from '../core/problem.ts';
import { shownKey } from '../config/syntax/quoted.ts';
import type { Cause } from '../core/verdict.ts';
import type { Terminal } from './terminal.ts';

/** How a command speaks to people: what it prints for programs stays English. */
export interface Speech extends Catalogue {
  readonly formats: Formats;
  /** A whole number. */
  readonly count: (value: number) => string;
  /** Problems of a config, a line each. */
  readonly problems: (problems: readonly Problem[]) => string;
  /** What could not be done, and why; words of systems, gateways and the API stay as they are. */
  readonly error: (text: string) => string;
  /** What the help says of a command or an option. */
  readonly help: (text: string) => string;
  /** Detail and remedy of a probe, as far as there are any. `own`: what its gateway says by itself of the remedy. */
  readonly about: (cause: Cause, detail: string | null, own?: string) => string;
}

/** In the language of the config, or in that which the environment asks for. */
export function speechFor({ env }: Pick<Terminal, 'env'>, lang: Language | null = null): Speech {
  const language = lang ?? languageOfEnvironment(env);
  const catalogue = CATALOGUES[language];
  const formats = new Formats(language);
  return {
    ...catalogue,
    formats,
    count: (value) => formats.number(value),
    problems: (problems) => formatProblems(problems.map((problem) => problemIn(language, problem))),
    error: (text) => errorIn(language, text),
    help: (text) => helpIn(language, text),
    about: (cause, detail, own) =>
      [detail === null ? null : detailIn(catalogue, detail), own ?? remedyIn(catalogue, cause, detail)]
        .filter((text) => text !== null)
        .join(' — '),
  };
}

/** What of an instance is in these columns. */
interface Naming {
  readonly displayName: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The columns of labels and display names are there only where an instance has some. A token that stands where a label belongs
 * is not shown.
 */
export function namingColumns(
  instances: readonly Naming[],
  { cli: { columns } }: Speech,
): readonly { readonly head: string; readonly cell: (instance: Naming) => string }[] {
  const shown = ([key, value]: [string, string]): string => `${shownKey(key)}=${shownKey(value)}`;
  const some = [
    { head: columns.displayName, cell: ({ displayName }: Naming) => displayName ?? '' },
    { head: columns.labels, cell: ({ labels }: Naming) => Object.entries(labels).map(shown).join(' ') },
  ];
  return some.filter(({ cell }) => instances.some((instance) => cell(instance) !== ''));
}
