import { bodyText, type Answer } from './answer.ts';

/** No route takes a call: nobody but the router of the gateway has seen it, so it had no effect. */
export interface RouterRefusal {
  /** The methods that a route takes; null: it does not say. */
  readonly allowed: readonly string[] | null;
}

/** What Express and NestJS answer where no route fits. */
const CANNOT = /\bCannot (?:GET|POST|PUT|PATCH|DELETE) \//u;
/** The words stand near the beginning of a short answer. */
const LOOKED_AT = 2_000;

/** Whether an answer is surely that of the router; null: it is not, or it is not sure. */
export function routerRefusal(answer: Answer): RouterRefusal | null {
  const { status, allow = null } = answer;
  if (status === 405) return { allowed: allow === null ? null : allow.toUpperCase().split(/\s*,\s*/u) };
  if (status !== 404 || !CANNOT.test(bodyText(answer).slice(0, LOOKED_AT))) return null;
  return { allowed: null };
}
