import { fileText, ownTokenText } from '../values/scalars.ts';

/** The two keys of a token of the watchdog itself: the token, and, with `File` at its end, the file that holds it. */
export function ownToken<Key extends string>(key: Key, description: string) {
  const token = ownTokenText().nullable().default(null).meta({ description });
  const file = fileOf(key);
  return { [key]: token, [`${key}File`]: file } as Record<Key, typeof token> & Record<`${Key}File`, typeof file>;
}

/** The file that holds a secret in place of its key; null: none does. */
export function fileOf(key: string) {
  const description = `File that holds \`${key}\`, relative to this file.`;
  return fileText().nullable().default(null).meta({ description });
}
