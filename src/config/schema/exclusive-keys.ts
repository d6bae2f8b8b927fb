interface ExclusionParams {
  readonly error: string;
  readonly path: string[];
  readonly params: { readonly remedy: string };
  readonly when: (payload: { readonly value: unknown }) => boolean;
}

/**
 * Arguments of zod's `refine` that refuse two keys of one object together. Unlike other refinements, this one also runs
 * when something else in the object is wrong, so that all problems are reported at once.
 */
export function notTogether(
  first: string,
  second: string,
): [check: (value: object) => boolean, params: ExclusionParams] {
  return [
    (value: object): boolean => !(isSet(value, first) && isSet(value, second)),
    {
      error: `"${first}" and "${second}" exclude each other`,
      path: [second],
      params: { remedy: 'Keep one of the two.' },
      when: ({ value }) => typeof value === 'object' && value !== null,
    },
  ];
}

/** Arguments of zod's `refine` that refuse `key` without `other`. */
export function onlyTogether(key: string, other: string): [check: (value: object) => boolean, params: ExclusionParams] {
  return [
    (value: object): boolean => isSet(value, other) || !isSet(value, key),
    {
      error: `"${key}" needs "${other}" beside it`,
      path: [key],
      params: { remedy: `Add "${other}", or remove "${key}".` },
      when: ({ value }) => typeof value === 'object' && value !== null,
    },
  ];
}

function isSet(value: object, key: string): boolean {
  const found = (value as Record<string, unknown>)[key];
  return found !== undefined && found !== null;
}
