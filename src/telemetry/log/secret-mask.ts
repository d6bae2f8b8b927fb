const MASK = '***';

/**
 * Makes a function that replaces every known secret in a text by `***`: as it is, as it stands in JSON, and
 * percent-encoded. It is the last step for a log line, in case an earlier one forgot.
 *
 * @param secrets read for each text, because a reload may change them
 */
export function secretMask(secrets: () => readonly string[]): (text: string) => string {
  let known: readonly string[] = [];
  let pattern: RegExp | null = null;
  return (text) => {
    const current = secrets();
    if (current !== known) {
      known = current;
      pattern = patternOf(current);
    }
    return pattern === null ? text : text.replace(pattern, MASK);
  };
}

/** Matches any written form of any secret, longest first, so that no form is masked only in part. */
function patternOf(secrets: readonly string[]): RegExp | null {
  const forms = new Set(secrets.filter((secret) => secret !== '').flatMap(writtenForms));
  if (forms.size === 0) return null;
  const longestFirst = [...forms].sort((one, other) => other.length - one.length);
  return new RegExp(longestFirst.map(escapePattern).join('|'), 'g');
}

function writtenForms(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.replace(LONE_SURROGATE, '\u{fffd}'))];
}

const LONE_SURROGATE = /\p{Surrogate}/gu;

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
