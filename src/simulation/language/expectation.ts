import { HOLDS, PHASES, type Hold, type Phase } from '../../core/instance/instance.ts';
import { NOTIFY_TOPICS, type NotifyTopic } from '../../core/notification.ts';
import type { DurationMs } from '../../core/time.ts';
import { isCause, type Cause } from '../../core/verdict.ts';
import { form, NotUnderstood } from './form.ts';
import { duration, EVERYBODY, oneOf, subject, whole, type Subject } from './words.ts';

const COMPARISONS = ['<', '<=', '=', '>=', '>'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What is counted, over all instances that an expectation is about. */
const COUNTED = ['restarts', 'healed', 'recovered'] as const;

/** What must be true of a policy in a scenario. */
export type Claim =
  | { readonly type: (typeof COUNTED)[number]; readonly who: Subject; readonly is: Comparison; readonly limit: number }
  /** Of each of them. */
  | { readonly type: 'downtime'; readonly who: Subject; readonly is: Comparison; readonly limit: DurationMs }
  /** Messages to all receivers; null: of every topic. */
  | {
      readonly type: 'notifications';
      readonly topic: NotifyTopic | null;
      readonly is: Comparison;
      readonly limit: number;
    }
  /** Whether this held a restart of any of them. */
  | { readonly type: 'held'; readonly who: Subject; readonly hold: Hold; readonly ever: boolean }
  /** Each of them is in this phase. */
  | { readonly type: 'phase'; readonly who: Subject; readonly phase: Phase }
  /** The last conclusive probe of each of them said this. */
  | { readonly type: 'cause'; readonly who: Subject; readonly cause: Cause };

export const CLAIMS = [
  ...COUNTED.map((type) =>
    form<Claim>(`expect ${type} [of WHO] OP NUMBER`, (who, is, limit) => ({
      ...{ type, who: subject(who), is: comparison(is), limit: whole(limit) },
    })),
  ),
  form<Claim>('expect downtime [of WHO] OP DURATION', (who, is, limit) => ({
    ...{ type: 'downtime', who: subject(who), is: comparison(is), limit: limit === '0' ? 0 : duration(limit) },
  })),
  form<Claim>('expect notifications [TOPIC] OP NUMBER', (topic, is, limit) => ({
    ...{ type: 'notifications', is: comparison(is), limit: whole(limit) },
    topic: topic === '' ? null : oneOf(NOTIFY_TOPICS, topic, 'topic of notifications'),
  })),
  form<Claim>('expect held by HOLD [of WHO]', (hold, who) => held(hold, who, true)),
  form<Claim>('expect never held by HOLD [of WHO]', (hold, who) => held(hold, who, false)),
  form<Claim>('expect phase of WHO = PHASE', (who, phase) => ({
    ...{ type: 'phase', who: subject(who), phase: oneOf(PHASES, phase, 'phase') },
  })),
  form<Claim>('expect cause of WHO = CAUSE', (who, word) => ({
    type: 'cause',
    who: subject(who),
    cause: anyCause(word),
  })),
];

function held(hold: string, who: string, ever: boolean): Claim {
  return { type: 'held', who: subject(who), hold: oneOf(HOLDS, hold, 'hold'), ever };
}

function comparison(text: string): Comparison {
  return oneOf(COMPARISONS, text, 'comparison');
}

/** Here the watchdog's own causes count as well. */
function anyCause(text: string): Cause {
  if (isCause(text)) return text;
  throw new NotUnderstood(`${text} is no cause. docs/concepts.md has a table of them.`);
}

/** Who an expectation is about. */
export function subjectOf(claim: Claim): Subject {
  return 'who' in claim ? claim.who : EVERYBODY;
}
