type Refusal = ReturnType<typeof refusal>;

/**
 * Arguments of zod's `refine` that refuse two keys of one object together. Unlike other refinements, this one also runs
 * when something else in the object is wrong, so that all problems are reported at once.
 */
export function notTogether(first: string, second: string): [check: (value: object) => boolean, params: Refusal] {
  return [
    (value) => !(isSet(value, first) && isSet(value, second)),
    refusal(second, `"${first}" and "${second}" exclude each other`, 'Keep one of the two.'),
  ];
}

/** Arguments of zod's `refine` that refuse `key` without `other`. */
export function onlyTogether(key: string, other: string): [check: (value: object) => boolean, params: Refusal] {
  return [
    (value) => isSet(value, other) || !isSet(value, key),
    refusal(key, `"${key}" needs "${other}" beside it`, `Add "${other}", or remove "${key}".`),
  ];
}

function refusal(key: string, error: string, remedy: string) {
  const when = ({ value }: { readonly value: unknown }): boolean => typeof value === 'object' && value !== null;
  return { error, path: [key], params: { remedy }, when };
}

function isSet(value: object, key: string): boolean {
  const found = (value as Record<string, unknown>)[key];
  return found !== undefined && found !== null;
}
