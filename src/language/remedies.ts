import type { CallTrouble } from '../core/call-trouble.ts';
import type { TROUBLES } from '../core/trouble.ts';
import type { Cause } from '../core/verdict.ts';

/** What a person can do about each cause; null: nothing, as in `src/core/remedy.ts`. */
export type Remedies = Readonly<Record<Cause, string | null>>;

/** What the detail of a probe says, and what a person can do about it, for each trouble of `src/core/trouble.ts`. */
export type Troubles = Readonly<Record<keyof typeof TROUBLES, { readonly detail: string; readonly remedy: string }>>;

/** How the detail of a call that was not answered begins, for each of `src/core/call-trouble.ts`; `within` a length of time. */
export type CallTroubles = Readonly<Record<CallTrouble | 'within', string>>;
