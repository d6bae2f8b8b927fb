import { verdictOf, type Cause } from '../../core/verdict.ts';
import type { Conditions, Expected, Rule } from '../profiles/profile.ts';
import { normalizeWord } from '../profiles/words.ts';
import { keysOf, valueAt } from './places.ts';
import { isSuccess } from './status.ts';

/** Whether an answer meets conditions. */
export type Check = (status: number, json: unknown) => boolean;

/** What a rule found. */
export interface Finding {
  readonly cause: Cause;
  readonly word: string | null;
  /** Where it was found, for people, such as `message "session_not_found"`. */
  readonly place: string | null;
  readonly value: unknown;
  /** All places that the rule looks at. */
  readonly places: readonly string[];
}

type Test = (value: unknown) => boolean;

/** Prepares conditions: every place is split, and every expectation made a function, once. */
export function compileConditions(conditions: Conditions): Check {
  const checks = Object.entries(conditions).map(([place, expected]): Check => {
    const test = testOf(expected);
    if (place === '$status') return (status) => test(status);
    const keys = keysOf(place);
    return (_, json) => test(valueAt(json, keys));
  });
  return (status, json) => checks.every((check) => check(status, json));
}

function testOf(expected: Expected | readonly Expected[]): Test {
  const tests = [expected].flat().map(testOfOne);
  return (value) => tests.some((test) => test(value));
}

function testOfOne(expected: Expected): Test {
  if (expected === null) return (value) => value === undefined || value === null;
  if (expected === '*') return (value) => value !== undefined && value !== null;
  if (typeof expected === 'string' && expected.startsWith('~')) {
    const part = expected.slice(1).toLowerCase();
    return anyOf((value) => typeof value === 'string' && value.toLowerCase().includes(part));
  }
  return anyOf((value) => value === expected);
}

/** Where a list stands, one of its items is enough. */
function anyOf(test: Test): Test {
  return (value) => (Array.isArray(value) ? value.some(test) : test(value));
}

/**
 * Prepares rules of a probe. `stateWords` give a rule's word another meaning. A rule that says that all is well counts in
 * a success only.
 */
export function compileRules(
  rules: readonly Rule[],
  stateWords: Readonly<Record<string, Cause>>,
): (status: number, json: unknown) => Finding | null {
  const meanings = new Map(Object.entries(stateWords).map(([word, cause]) => [normalizeWord(word), cause]));
  const compiled = rules.map(({ if: conditions, is, word }) => {
    const cause = (word === null ? undefined : meanings.get(normalizeWord(word))) ?? is;
    const place = Object.keys(conditions).findLast((name) => name !== '$status') ?? null;
    return {
      check: compileConditions(conditions),
      cause,
      word,
      place,
      places: Object.keys(conditions),
      keys: keysOf(place ?? ''),
      inSuccessOnly: verdictOf(cause) === 'healthy',
    };
  });
  if (compiled.length === 0) return () => null;
  return (status, json) => {
    for (const { check, cause, word, place, places, keys, inSuccessOnly } of compiled) {
      if (inSuccessOnly && !isSuccess(status)) continue;
      if (!check(status, json)) continue;
      return { cause, word, place, places, value: place === null ? null : valueAt(json, keys) };
    }
    return null;
  };
}
