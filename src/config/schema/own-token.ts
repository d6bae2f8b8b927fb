import { fileText, ownTokenText } from '../values/scalars.ts';

type Token = ReturnType<typeof token>;
type TokenFile = ReturnType<typeof tokenFile>;

/** The two keys of a token of the watchdog itself: the token, and, with `File` at its end, the file that holds it. */
export function ownToken<Key extends string>(key: Key, description: string) {
  return { [key]: token(description), [`${key}File`]: tokenFile(key) } as Record<Key, Token> &
    Record<`${Key}File`, TokenFile>;
}

function token(description: string) {
  return ownTokenText().nullable().default(null).meta({ description });
}

function tokenFile(key: string) {
  const description = `File that holds \`${key}\`, relative to this file.`;
  return fileText().nullable().default(null).meta({ description });
}
