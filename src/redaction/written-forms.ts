/** A way to write a secret, in lower case: letters of either case are the same here. */
export interface WrittenForm {
  readonly text: string;
  readonly kind: 'plain' | 'base64' | 'hex';
}

/** Shorter fragments of base64 would be found by chance. */
const SHORTEST_BASE64 = 5;
/** Of shorter secrets it would be found by chance. */
const SHORTEST_REVERSED = 8;
const SHORTEST_HEX = 4;

/** How many characters of base64 depend on what stands before, by the number of bytes there. */
const DEPENDENT = [0, 2, 3] as const;

/** What stands in a text where somebody writes a secret as it is, in reverse, in base64 (wherever in it) or in hex. */
export function writtenForms(secret: string): readonly WrittenForm[] {
  const bytes = Buffer.from(secret, 'utf8');
  const forms: WrittenForm[] = [{ text: lowerCase(secret), kind: 'plain' }];
  if (secret.length >= SHORTEST_REVERSED) {
    forms.push({ text: lowerCase(Array.from(secret).reverse().join('')), kind: 'plain' });
  }
  for (const fragment of base64Fragments(bytes)) {
    if (fragment.length < SHORTEST_BASE64) continue;
    forms.push({ text: lowerCase(fragment), kind: 'base64' });
    const urlSafe = fragment.replaceAll('+', '-').replaceAll('/', '_');
    if (urlSafe !== fragment) forms.push({ text: lowerCase(urlSafe), kind: 'base64' });
  }
  if (bytes.length >= SHORTEST_HEX) forms.push({ text: bytes.toString('hex'), kind: 'hex' });
  return forms;
}

/** The characters that depend on the secret alone, for each number of bytes that may stand before it. */
function base64Fragments(secret: Buffer): string[] {
  return DEPENDENT.map((dependent, before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), secret]);
    return bytes.toString('base64').slice(dependent, Math.floor((bytes.length * 8) / 6));
  });
}

/** Only letters of ASCII change, so every character keeps its place. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
