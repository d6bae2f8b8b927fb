import { z } from 'zod';
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

/**
 * A check that refuses two keys of one object together. Unlike other refinements, this one also runs when something else
 * in the object is wrong, so that all problems are reported at once.
 */
export function notTogether(first: string, second: string) {
  return z.refine<object>(
    (value) => !(isSet(value, first) && isSet(value, second)),
    refusal(second, `"${first}" and "${second}" exclude each other`, 'Keep one of the two.'),
  );
}

/** A check that refuses `key` without `other`. */
export function onlyTogether(key: string, other: string) {
  return z.refine<object>(
    (value) => isSet(value, other) || !isSet(value, key),
    refusal(key, `"${key}" needs "${other}" beside it`, `Add "${other}", or remove "${key}".`),
  );
}

function refusal(key: string, error: string, remedy: string) {
  const when = ({ value }: { readonly value: unknown }): boolean => typeof value === 'object' && value !== null;
  return { error, path: [key], params: { remedy }, when };
}

function isSet(value: object, key: string): boolean {
  const found = (value as Record<string, unknown>)[key];
  return found !== undefined && found !== null;
}
