import type { NeedsHumanCause } from '../../core/verdict.ts';
import { valueAt } from './answer.ts';
import type { Denial, Profile } from '../profiles/profile.ts';

/** A 2xx answer whose body denies what its status claims. */
export interface FoundDenial {
  /** The status that the body itself names, 400 or more. */
  readonly status: number | null;
  /** The place that shows it, e.g. `"error" is true`. */
  readonly evidence: string;
}

/** How the answers of one profile deny and explain. */
export interface DenialReader {
  find(json: unknown): FoundDenial | null;
  /** The trouble that one of the answer's texts names. */
  trouble(json: unknown): NeedsHumanCause | null;
  /** The first explaining text, untouched: neither bounded nor masked. */
  explanation(json: unknown): string | null;
}

interface Rule {
  readonly denial: Denial;
  readonly keys: readonly string[];
}

/** At most this many texts of a list are read. */
const MOST_TEXTS = 8;

export function compileDenialReader(profile: Profile): DenialReader {
  const rules: readonly Rule[] = profile.denials.map((denial) => ({ denial, keys: denial.path.split('.') }));
  const textPlaces = profile.textPaths.map((path) => path.split('.'));

  const troubleIn = (texts: readonly string[]): NeedsHumanCause | null => {
    const lower = texts.map((text) => text.toLowerCase());
    return profile.troubles.find((known) => lower.some((text) => text.includes(known.text)))?.cause ?? null;
  };
  const matches = (denial: Denial, value: unknown): boolean => {
    if (value === undefined) return false;
    if ('equals' in denial) return value === denial.equals;
    if ('statusFrom' in denial) return (asStatus(value) ?? 0) >= denial.statusFrom;
    return troubleIn(textsOf(value)) !== null;
  };

  return {
    find(json) {
      let evidence: string | null = null;
      let status: number | null = null;
      for (const { denial, keys } of rules) {
        const value = valueAt(json, keys);
        if (!matches(denial, value)) continue;
        evidence ??=
          'namesTrouble' in denial ? `"${denial.path}" names a trouble` : `"${denial.path}" is ${String(value)}`;
        if ('statusFrom' in denial) status ??= asStatus(value);
      }
      return evidence === null ? null : { status, evidence };
    },
    trouble: (json) => troubleIn(textPlaces.flatMap((keys) => textsOf(valueAt(json, keys)))),
    explanation: (json) => textPlaces.flatMap((keys) => textsOf(valueAt(json, keys)))[0] ?? null,
  };
}

function asStatus(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{3}$/u.test(value) ? Number(value) : null;
}

function textsOf(value: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value.slice(0, MOST_TEXTS) : [value];
  return values.filter((text): text is string => typeof text === 'string' && text.trim() !== '');
}
