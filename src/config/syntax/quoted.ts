import { cleanText, shortened } from '../../redaction/clean-text.ts';
import { looksSecret } from '../../redaction/looks-secret.ts';

const LONGEST_QUOTE = 60;

/**
 * A text of the user in quotes, as a problem may repeat it; null when it may be a secret that stands in the wrong place.
 * Problems get into logs, into the output of CI, and into the answer of a reload.
 */
export function quoted(text: string): string | null {
  return looksSecret(text) ? null : JSON.stringify(shortened(cleanText(text), LONGEST_QUOTE));
}

/** A key in the path of a problem, or another short text of the user that is shown as it is; `***` when it may be a secret. */
export function shownKey(key: string): string {
  return looksSecret(key) ? '***' : cleanText(key);
}
