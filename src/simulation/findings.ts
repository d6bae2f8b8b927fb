import { sumOf } from '../collections/sum.ts';
import type { FleetEvent } from '../core/event.ts';
import type { Hold, Phase } from '../core/instance/instance.ts';
import type { NotifyTopic } from '../core/notification.ts';
import { formatDuration } from '../core/schedule/duration.ts';
import { SECOND, type DurationMs } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';
import { chosen, type CastMember } from './cast.ts';
import { subjectOf, type Claim, type Comparison } from './language/expectation.ts';

/** What happened to one instance. */
export interface Tally {
  restarts: number;
  /** By a restart. */
  healed: number;
  /** Without one. */
  recovered: number;
  /** What held its restarts. */
  readonly holds: Set<Hold>;
}

/** Where one instance stands. */
export interface Standing {
  readonly phase: Phase;
  /** Of its last conclusive probe; null: there was none. */
  readonly cause: Cause | null;
}

/** What is known of a simulated fleet at some time. */
export interface Findings {
  readonly members: readonly CastMember[];
  readonly tallies: Tallies;
  readonly downtimeOf: (name: string) => DurationMs;
  readonly standingOf: (name: string) => Standing;
  /** Messages to people, by topic. */
  readonly messages: ReadonlyMap<NotifyTopic, number>;
}

/** Whether a claim is true, and what it was held against, in words. */
export interface Judgement {
  readonly met: boolean;
  readonly found: string;
}

/** Counts events by instance. */
export class Tallies {
  private readonly byName = new Map<string, Tally>();

  of(name: string): Tally {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const tally = { restarts: 0, healed: 0, recovered: 0, holds: new Set<Hold>() };
    this.byName.set(name, tally);
    return tally;
  }

  record(event: FleetEvent): void {
    if (!('name' in event)) return;
    const tally = this.of(event.name);
    if (event.type === 'restart_started') tally.restarts += 1;
    else if (event.type === 'healed' || event.type === 'recovered') tally[event.type] += 1;
    else if (event.type === 'restart_held') tally.holds.add(event.hold);
  }
}

/** Holds a claim against what was found. */
export function judge(claim: Claim, findings: Findings): Judgement {
  const names = chosen(findings.members, subjectOf(claim)).map(({ name }) => name);
  const { tallies, downtimeOf, standingOf, messages } = findings;
  switch (claim.type) {
    case 'restarts':
    case 'healed':
    case 'recovered': {
      const counts = names.map((name) => ({ name, found: tallies.of(name)[claim.type] }));
      if (claim.who.type === 'each') return judgeEach(counts, claim, String);
      const count = sumOf(counts, ({ found }) => found);
      return { met: COMPARE[claim.is](count, claim.limit), found: String(count) };
    }
    case 'downtime': {
      const downtimes = names.map((name) => ({ name, found: downtimeOf(name) }));
      return judgeEach(downtimes, claim, inSeconds);
    }
    case 'notifications': {
      const count =
        claim.topic === null ? sumOf([...messages.values()], (sent) => sent) : (messages.get(claim.topic) ?? 0);
      return { met: COMPARE[claim.is](count, claim.limit), found: String(count) };
    }
    case 'held': {
      const holds = new Set(names.flatMap((name) => [...tallies.of(name).holds]));
      return { met: holds.has(claim.hold) === claim.ever, found: [...holds].join(', ') || 'nothing held a restart' };
    }
    case 'phase':
      return alike(names, (name) => standingOf(name).phase, claim.phase);
    case 'cause':
      return alike(names, (name) => standingOf(name).cause ?? 'none', claim.cause);
  }
}

/** The first that is not as it should be is shown, or the worst. */
function judgeEach(
  each: readonly { readonly name: string; readonly found: number }[],
  { is, limit }: { readonly is: Comparison; readonly limit: number },
  show: (found: number) => string,
): Judgement {
  const wrong = each.filter(({ found }) => !COMPARE[is](found, limit));
  const [shown] = wrong.length > 0 ? wrong : each.toSorted((one, other) => other.found - one.found);
  const found = shown === undefined ? 'no instance' : `${show(shown.found)} of ${shown.name}`;
  return { met: wrong.length === 0, found };
}

function alike(names: readonly string[], wordOf: (name: string) => string, expected: string): Judgement {
  const others = names.filter((name) => wordOf(name) !== expected);
  const [first] = others;
  if (first === undefined) return { met: true, found: expected };
  const more = others.length === 1 ? '' : `, and ${others.length - 1} more are not ${expected}`;
  return { met: false, found: `${wordOf(first)} of ${first}${more}` };
}

const COMPARE: Readonly<Record<Comparison, (found: number, limit: number) => boolean>> = {
  '<': (found, limit) => found < limit,
  '<=': (found, limit) => found <= limit,
  '=': (found, limit) => found === limit,
  '>=': (found, limit) => found >= limit,
  '>': (found, limit) => found > limit,
};

/** A duration for people, in whole seconds. */
export function inSeconds(duration: DurationMs): string {
  return formatDuration(Math.round(duration / SECOND) * SECOND);
}
