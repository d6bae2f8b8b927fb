/** A sentence that cannot be read; the message says what to write instead. */
export class NotUnderstood extends Error {}

/** What a sentence of one form means. A part in brackets that was left out is read as an empty text. */
export interface Form<Meaning> {
  /** As people write it: capitals stand for something, brackets for what may be left out, `a|b` for a choice. */
  readonly text: string;
  readonly pattern: RegExp;
  readonly read: (...parts: string[]) => Meaning;
}

/** One instance or several, such as `support`, `60%`, `account acme` or `any of gateway https://g.example`. */
const WHO = '(?:(?:all|each|any|another|\\d{1,3}%) of )?(?:account|gateway) \\S+|\\S+';

/** A form; `read` gets what stands in the place of each word in capitals and of each choice, in their order. */
export function form<Meaning>(text: string, read: (...parts: string[]) => Meaning): Form<Meaning> {
  const pattern = text
    .replaceAll(' [', '(?: ')
    .replaceAll(']', ')?')
    .replaceAll(/[a-z]+(?:\|[a-z]+)+/g, '($&)')
    .replaceAll(/[A-Z]+/g, (word) => (word === 'WHO' ? `(${WHO})` : '(\\S+)'));
  return { text, pattern: new RegExp(`^${pattern}$`), read };
}

/**
 * Reads a sentence by the first form that fits.
 *
 * @param others what a sentence may be that is read elsewhere
 * @throws NotUnderstood with all forms, if none fits
 */
export function readBy<Meaning>(
  forms: readonly Form<Meaning>[],
  sentence: string,
  others: readonly string[] = [],
): Meaning {
  for (const { pattern, read } of forms) {
    const match = pattern.exec(sentence);
    if (match !== null) return read(...match.slice(1).map((part: string | undefined) => part ?? ''));
  }
  const known = [...forms.map(({ text }) => text), ...others];
  throw new NotUnderstood(`This is not understood. Write one of: ${known.join('; ')}`);
}
