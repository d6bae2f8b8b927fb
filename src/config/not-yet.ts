/** Keys that are accepted and checked, but change nothing yet; `*` stands for any name. */
export const NOT_YET_EFFECTIVE: readonly string[] = [
  'api.token',
  'api.tokenFile',
  'api.hookToken',
  'api.hookTokenFile',
];

/** Which of these keys the user's files set to something, in the order of the list. `files` are the files' plain data. */
export function notYetEffective(files: readonly unknown[]): string[] {
  return NOT_YET_EFFECTIVE.filter((pattern) => files.some((data) => isWritten(data, pattern.split('.'))));
}

function isWritten(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return value !== null;
  if (typeof value !== 'object' || value === null) return false;
  if (key === '*') return Object.values(value).some((child) => isWritten(child, rest));
  return Object.hasOwn(value, key) && isWritten((value as Record<string, unknown>)[key], rest);
}
