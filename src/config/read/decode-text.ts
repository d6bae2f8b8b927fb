const REMEDY = 'Save it as UTF-8, without anything that is not text.';

/** What a file says, or why it cannot be read; with a remedy where its name is not what is wrong. */
export type Read = { readonly text: string } | { readonly mistake: string; readonly remedy?: string };

/** The text of a file, or what it is instead of UTF-8. A byte order mark, as Windows and spreadsheets write it, is dropped. */
export function decodeText(bytes: Buffer): Read {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { mistake: 'is UTF-16', remedy: REMEDY };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? { mistake: 'holds NUL characters, so it may be UTF-16', remedy: REMEDY } : { text };
  } catch {
    return { mistake: 'is not UTF-8 text', remedy: REMEDY };
  }
}
