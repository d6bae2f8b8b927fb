/** Headers by name in lower case; repeated ones joined with `, `. */
export function headersOf(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return Object.fromEntries(headers);
}

/** Whether the raw headers carry `expected` as their one authorization. */
export function isAuthorizedBy(rawHeaders: readonly string[], expected: string): boolean {
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length !== AUTHORIZATION.length || name.toLowerCase() !== AUTHORIZATION) continue;
    if (found !== undefined) return false;
    found = rawHeaders[index + 1];
  }
  return found === expected;
}

const AUTHORIZATION = 'authorization';
