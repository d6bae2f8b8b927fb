import { looksSecret } from './looks-secret.ts';
import { MASK } from './secret-finder.ts';

const NAME = String.raw`(?:[a-z0-9]+[-_.])?(?:(?:access|api|auth|hook|bot|bearer|refresh|session|id)?[-_]?token|(?:api|private|secret|access|auth)?[-_]?key|(?:client|app)?[-_]?secret|password|passwd|pwd|passphrase|sig|signature|credentials?)`;

/** `token=…` in a URL or a form, also where that is itself percent-encoded. */
const ASSIGNED = new RegExp(String.raw`((?:(?<![a-z0-9])|(?<=%[0-9a-f]{2}))${NAME}(?:=|%3d))([^\s"'<>&;,|#]+)`, 'gi');

/** `"token": "…"` and `token: …` in a text; what follows may also be a word that says what is wrong with it. */
const NAMED = new RegExp(String.raw`((?<![a-z0-9])${NAME}\\?["']?\s*[:=]\s*\\?["']?)([^\s"'<>&;,|\\]{6,})`, 'gi');

const CREDENTIAL = /\b((?:bearer|basic|token)\s+)([\w.~+/=-]{6,})/gi;

/** `https://user:password@host`. */
const LOGIN = /:\/\/[^\s/@"'<>]+@/g;

/** Texts without one of these need no closer look. */
const SIGN = /token|key|secret|pass|pwd|sig|credential|bearer|basic|:\/\//i;

/** Masks values that are secret by their name, in a text from outside, whether the config knows them or not. */
export function maskNamedValues(text: string): string {
  if (!SIGN.test(text)) return text;
  return text
    .replace(ASSIGNED, (_, name: string, value: string) => name + rest(value))
    .replace(NAMED, whereSecret)
    .replace(CREDENTIAL, whereSecret)
    .replace(LOGIN, `://${MASK}@`);
}

/** Of an encoded query the value ends where the next parameter begins. */
function rest(value: string): string {
  const end = value.search(/%26|%3b/i);
  return end === -1 ? MASK : MASK + value.slice(end);
}

function whereSecret(whole: string, name: string, value: string): string {
  return looksSecret(value) ? name + MASK : whole;
}
