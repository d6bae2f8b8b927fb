import { shortened } from './clean-text.ts';
import type { Masks } from './masks.ts';

/** Texts are masked before they are cut, but of a very long one not all of it: this much more than what is kept. */
const LOOKED_AT = 8_192;

/**
 * Makes text from outside fit to be shown: one line without invisible characters, every secret masked in whatever way it
 * is written, values that are secret by their name masked, and at most `limit` characters.
 */
export function redactText(text: string, masks: Masks, limit: number): string {
  const most = limit + LOOKED_AT;
  // Before cutting, because half a secret would not be recognised.
  const shown = masks.outside(text.slice(0, most)).trim();
  // Masking brings the place of the first cut nearer, and a secret may stand across it.
  const isBroken = text.length > most && shown.length < most;
  return shortened(isBroken ? `${shown.replace(/\S+$/u, '')}…` : shown, limit);
}
