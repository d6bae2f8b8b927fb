import fc from 'fast-check';
import type * as Cadence from '../../src/core/instance/cadence.ts';
import type * as Decide from '../../src/core/instance/decide.ts';
import type * as OnProbe from '../../src/core/instance/on-probe.ts';
import type { InstanceEvent } from '../../src/core/event.ts';
import {
  HISTORY_LIMIT,
  newInstance,
  type Hold,
  type InstanceState,
  type RestartIntent,
} from '../../src/core/instance/instance.ts';
import type { Observation } from '../../src/core/instance/observation.ts';
import type { Policy } from '../../src/core/policy.ts';
import { HOUR, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import { blamesGateway, CAUSES, verdictOf, type Cause } from '../../src/core/verdict.ts';
import { testPolicy } from '../fleet/policy.ts';
import { restartEnded } from './observations.ts';

/** The functions under test; the mutation test hands in broken ones. */
export interface Core {
  readonly decide: typeof Decide.decide;
  readonly judge: typeof OnProbe.judge;
  readonly probeDelay: typeof Cadence.probeDelay;
}

/** One thing that happens to an instance, `wait` after the one before. */
export type Step = { readonly wait: DurationMs } & (
  | {
      readonly kind: 'probe';
      readonly cause: Cause;
      readonly took: DurationMs;
      readonly holds: readonly Hold[];
      readonly quiet: 'shared' | 'alone' | null;
    }
  /** The list of the gateway names it. */
  | { readonly kind: 'listed'; readonly cause: Cause; readonly quiet: 'shared' | 'alone' | null }
  | { readonly kind: 'request'; readonly force: boolean; readonly holds: readonly Hold[] }
  /** `again`: the clock comes once more to a time that a restart was made for. */
  | { readonly kind: 'planned'; readonly valid: DurationMs; readonly again: boolean }
  /** The wall clock is set. */
  | { readonly kind: 'clock'; readonly by: DurationMs }
  | {
      readonly kind: 'answer';
      readonly outcome: 'accepted' | 'rejected' | 'unreachable' | 'unknown';
      readonly limited: boolean;
      readonly refused: boolean;
    }
  | { readonly kind: 'alive' }
  | { readonly kind: 'afresh' }
  /** For so long, or without end. */
  | { readonly kind: 'pause'; readonly lasts: DurationMs | null }
  | { readonly kind: 'unpause' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'killed' }
);

const BLIND_AFTER: DurationMs = 300 * SECOND;

const seconds = (min: number, max: number): fc.Arbitrary<DurationMs> => fc.integer({ min, max }).map((s) => s * SECOND);
const sometimes = fc.nat(9).map((n) => n === 0);
const wait = fc.oneof(seconds(0, 60), seconds(0, 3600));
const causes = weighted<Cause>(
  [6, fc.constantFrom(...CAUSES.unhealthy)],
  [4, fc.constantFrom('connected' as const, 'responding')],
  [2, fc.constant('connecting')],
  [2, fc.constantFrom(...CAUSES.needs_human)],
  [1, fc.constantFrom(...CAUSES.inconclusive)],
);
const holds = weighted<readonly Hold[]>(
  [5, fc.constant([])],
  [1, fc.subarray<Hold>(['concurrency', 'storm', 'gateway_outage', 'paused', 'dry_run'])],
);
const quiet = weighted<'shared' | 'alone' | null>(
  [6, fc.constant(null)],
  [3, fc.constant('alone')],
  [1, fc.constant('shared')],
);
const took = weighted([9, fc.constant(0)], [1, fc.constantFrom(SECOND, 10 * SECOND, 30 * SECOND)]);
const validity = fc.constantFrom(60 * SECOND, HOUR);
const outcome = fc.constantFrom('accepted' as const, 'rejected', 'unreachable', 'unknown');
const clockChange = fc.constantFrom(-HOUR, -60 * SECOND, 60 * SECOND, HOUR);
const pauseLength = fc.constantFrom(null, 60 * SECOND, 10 * 60 * SECOND);

const step = weighted<Step>(
  [20, fc.record({ kind: fc.constant('probe'), wait, cause: causes, took, holds, quiet })],
  [5, fc.record({ kind: fc.constant('listed'), wait, cause: causes, quiet })],
  [1, fc.record({ kind: fc.constant('request'), wait, force: fc.boolean(), holds })],
  [2, fc.record({ kind: fc.constant('planned'), wait, valid: validity, again: fc.boolean() })],
  [1, fc.record({ kind: fc.constant('clock'), wait: seconds(0, 60), by: clockChange })],
  [
    8,
    fc.record({
      kind: fc.constant('answer'),
      wait: seconds(0, 90),
      outcome,
      limited: sometimes,
      refused: fc.boolean(),
    }),
  ],
  [1, fc.record({ kind: fc.constant('alive'), wait })],
  [1, fc.record({ kind: fc.constant('afresh'), wait })],
  [1, fc.record({ kind: fc.constant('killed'), wait })],
  [1, fc.record({ kind: fc.constant('pause'), wait, lasts: pauseLength })],
  [1, fc.record({ kind: fc.constant('unpause'), wait })],
  [1, fc.record({ kind: fc.constant('reset'), wait })],
);

function weighted<T>(...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

const policy = fc
  .record({
    threshold: fc.integer({ min: 1, max: 4 }),
    successes: fc.integer({ min: 1, max: 3 }),
    grace: fc.constantFrom(10, 90),
    cooldown: fc.constantFrom(30, 300),
    factor: fc.constantFrom(1, 2),
    max: fc.constantFrom(300, 3600),
    jitter: fc.constantFrom(0, 0.2),
    stableFor: fc.constantFrom(60, 600),
    budget: fc.integer({ min: 1, max: 4 }),
    per: fc.constantFrom(600, 21_600),
    connectingGrace: fc.constantFrom(60, 120),
    pairingGrace: fc.constantFrom(60, 600),
    silentAfter: fc.constantFrom(null, 600),
    silenceRestart: fc.boolean(),
    failuresWithin: fc.constantFrom<readonly [number, number]>([10, 20], [4, 6]),
  })
  .map(testPolicy);

const run = fc.record({ policy, seed: fc.nat(0xffffffff), steps: fc.array(step, { maxLength: 60, size: 'max' }) });

/** Makes random runs and reports the first one in which a rule breaks, shrunk; null when none does. */
export function worstRun(core: Core, options: { runs: number; seed?: number }): string | null {
  const property = fc.property(run, ({ policy: chosen, seed, steps }) => {
    const oracle = new Oracle(core, chosen, seed);
    for (const next of steps) oracle.live(next);
    oracle.mustRestartInTime();
  });
  const seed = options.seed === undefined ? {} : { seed: options.seed };
  const result = fc.check(property, { numRuns: options.runs, ...seed });
  return result.failed
    ? `${String(result.errorInstance)} seed=${result.seed} ${fc.stringify(result.counterexample)}`
    : null;
}

/** Keeps its own books, apart from the state under test, and holds every decision against them. */
class Oracle {
  private now: EpochMs = 1_700_000_000_000;
  /** How far the wall clock was set ahead so far. */
  private ahead: DurationMs = 0;
  /** Times, on the wall, of planned restarts that were made. */
  private readonly plannedMade: EpochMs[] = [];
  private state: InstanceState;
  private saved: InstanceState;
  private inFlight: RestartIntent | null = null;
  private started: { at: EpochMs; counts: boolean }[] = [];
  private lastNotHealthy: EpochMs;
  /** On the wall. */
  private pausedUntil: EpochMs = 0;
  /** Probes of one instance never overlap. */
  private lastProbeEnd: EpochMs = 0;
  private lastProbeStart: EpochMs = 0;
  /** The last results, newest last: whether the probe failed. */
  private readonly results: boolean[] = [];
  /** Answers in a row that call for a human. */
  private troubles = 0;
  /** Probes in a row without a conclusive answer, and the start of the first. */
  private unclear: { readonly since: EpochMs; readonly probes: number } | null = null;
  /** A QR code was shown, or what follows a pairing began then. */
  private pairing: 'awaited' | EpochMs | null = null;

  /** The last sign of life, and the restarts for silence since then that may have reached the instance. */
  private heardAt: EpochMs = 0;
  private silenceRestarts = 0;

  private readonly core: Core;
  private readonly policy: Policy;

  constructor(core: Core, policy: Policy, seed: number) {
    this.core = core;
    this.policy = policy;
    this.state = newInstance(seed, this.now);
    this.saved = this.state;
    this.lastNotHealthy = this.now;
  }

  private get wall(): EpochMs {
    return this.now + this.ahead;
  }

  live(step: Step): void {
    this.now += step.wait;
    const observation = this.observationOf(step);
    if (observation !== null) this.observe(observation);
  }

  private observationOf(step: Step): Observation | null {
    switch (step.kind) {
      case 'probe':
        return {
          type: 'probe',
          outOfTurn: false,
          cause: step.cause,
          detail: null,
          startedAt: Math.max(this.now - step.took, this.lastProbeEnd),
          holds: step.holds,
          blindAfter: BLIND_AFTER,
          quiet: step.quiet === null ? null : { since: this.heardAt, isShared: step.quiet === 'shared' },
        };
      case 'listed':
        return {
          type: 'listed',
          cause: step.cause,
          startedAt: this.now,
          quiet: step.quiet === null ? null : { since: this.heardAt, isShared: step.quiet === 'shared' },
        };
      case 'request':
        return {
          type: 'restart_requested',
          trigger: 'api',
          requestedBy: null,
          force: step.force,
          disabled: false,
          holds: step.holds,
        };
      case 'planned': {
        const dueAt = step.again ? (this.plannedMade.at(-1) ?? this.wall) : this.wall;
        return { type: 'restart_planned', dueAt, expiresAt: dueAt + step.valid, missed: false };
      }
      case 'clock':
        this.ahead += step.by;
        return null;
      case 'answer':
        if (this.inFlight === null) return null;
        return restartEnded({
          outcome: step.limited ? 'rejected' : step.outcome,
          httpStatus: step.limited ? 429 : null,
          refusal: step.refused && !step.limited && step.outcome === 'rejected' ? 'restart_unsupported' : null,
          body: {},
          rateLimited: step.limited,
        });
      case 'alive':
        this.heardAt = this.now;
        this.silenceRestarts = 0;
        return { type: 'activity', at: this.now };
      case 'afresh':
        return { type: 'suspicion_cleared' };
      case 'pause':
        this.pausedUntil = step.lasts === null ? Number.POSITIVE_INFINITY : this.wall + step.lasts;
        return {
          type: 'pause_requested',
          reason: 'a reason',
          by: 'api',
          until: step.lasts === null ? null : this.wall + step.lasts,
        };
      case 'unpause':
        this.pausedUntil = 0;
        return { type: 'unpause_requested', by: 'api' };
      case 'reset':
        // A restart that was just made must show first whether it helps.
        if (this.state.phase !== 'restarting' && this.state.phase !== 'recovering') {
          this.started = [];
          this.silenceRestarts = 0;
        }
        return { type: 'reset_requested', by: 'api' };
      case 'killed':
        this.state = JSON.parse(JSON.stringify(this.saved)) as InstanceState;
        return { type: 'resumed' };
    }
  }

  private observe(observation: Observation): void {
    const before = this.state;
    const inputs = [before, observation, this.policy, this.now, this.wall] as const;
    const decision = this.core.decide(...inputs);
    same(this.core.decide(...inputs), decision, 'the same inputs must give the same decision');
    this.state = decision.state;
    const kinds = decision.actions.map((action) => action.type);
    const saves = kinds.includes('save');
    if (saves) this.saved = decision.state;
    if (observation.type === 'restart_ended') this.endRestart(observation);
    if (observation.type === 'resumed' && this.inFlight !== null) {
      this.inFlight = null;
      rule(this.state.phase !== 'restarting', 'a call found in flight at start is closed');
    }
    if (observation.type === 'probe') {
      this.lastProbeEnd = this.now;
      this.lastProbeStart = observation.startedAt;
      this.noteHealth(before, observation);
      const straddled = before.phase === 'recovering' && observation.startedAt < before.since;
      rule(!straddled || decision.state === before, 'a probe that straddled the restart changes nothing');
    }
    if (observation.type === 'listed') this.checkListed(before, observation, kinds);
    this.checkAttempts(before, decision.state, observation);
    for (const action of decision.actions) {
      if (action.type !== 'restart') continue;
      rule(kinds.indexOf('save') === 0, 'no restart without its record saved first');
      same(this.saved.intent, action.intent, 'what is saved names the restart');
      this.checkRestart(before, observation, action.intent);
      this.inFlight = action.intent;
      this.started.push({ at: this.now, counts: true });
    }
    for (const action of decision.actions) if (action.type === 'publish') this.checkEvent(action.event, before);
    this.checkShape();
  }

  private endRestart({ rateLimited, outcome, refusal }: Extract<Observation, { type: 'restart_ended' }>): void {
    const last = this.started.at(-1);
    // A refusal that is believed counts; but then no restart follows that would have to wait.
    const isFree = rateLimited || outcome === 'unreachable' || refusal !== null;
    if (isFree && last !== undefined) {
      last.counts = false;
      if (this.inFlight?.trigger === 'silence') this.silenceRestarts = 0;
    }
    this.inFlight = null;
    if (outcome === 'accepted' || outcome === 'unknown') this.troubles = 0;
  }

  private noteHealth(before: InstanceState, probe: Extract<Observation, { type: 'probe' }>): void {
    const judged = this.core.judge(before, probe.cause, probe.startedAt, this.policy);
    const verdict = verdictOf(judged);
    const isSilent = before.phase === 'healthy' && (before.silence?.since ?? null) !== null;
    rule((judged === 'silent') === (isSilent && verdict === 'healthy'), 'a silent one is judged so');
    if (before.phase === 'restarting' || (before.phase === 'recovering' && probe.startedAt < before.since)) return;
    if (verdict === 'inconclusive') {
      const isOurs = probe.cause === 'own_network' || probe.cause === 'aborted';
      const { since, probes } = this.unclear ?? { since: probe.startedAt, probes: 0 };
      if (!isOurs) this.unclear = { since, probes: probes + 1 };
      return;
    }
    this.unclear = null;
    if (verdict !== 'healthy') this.lastNotHealthy = probe.startedAt;
    if (verdict === 'needs_human') this.troubles += 1;
    else if (!blamesGateway(probe.cause)) this.troubles = 0;
    if (probe.cause === 'pairing_required' || probe.cause === 'banned') this.pairing = 'awaited';
    else if (this.pairing === 'awaited') {
      // What is left to a person may try to connect between two QR codes, and one good answer does not end it.
      const isBack = verdict === 'healthy' && before.successes + 1 >= this.policy.probe.successThreshold;
      const isSeen = verdict === 'healthy' || verdict === 'transitional';
      if (isBack || (isSeen && before.phase !== 'needs_human')) this.pairing = probe.startedAt;
    }
    if (verdict === 'healthy' || verdict === 'unhealthy') this.results.push(verdict === 'unhealthy');
  }

  /** What a list says is believed only where a probe found the same before, and nothing follows from it. */
  private checkListed(
    before: InstanceState,
    { cause, startedAt }: Extract<Observation, { type: 'listed' }>,
    kinds: readonly string[],
  ): void {
    const after = this.state;
    rule(!kinds.includes('restart'), 'a list restarts nothing');
    if (after === before) return;
    const verdict = verdictOf(cause);
    rule(verdict === 'healthy' || before.cause === cause, 'a list brings no news of trouble');
    rule(verdict === 'healthy' || verdict === 'needs_human', 'a list brings no news of trouble');
    const isNew = before.phase === 'unknown' && after.phase === 'healthy';
    rule(after.phase === before.phase || isNew, 'a list moves nothing out of its phase');
    rule(after.connectingSince === before.connectingSince, 'a list ends no start');
    rule(verdict !== 'healthy' || this.pairing !== 'awaited', 'a list ends no wait for a pairing');
    rule(before.inconclusive === null && before.troubleSince === null, 'a list settles nothing that is in question');
    this.lastProbeEnd = this.now;
    this.lastProbeStart = startedAt;
    if (verdict !== 'healthy') this.lastNotHealthy = startedAt;
    else this.results.push(false);
    this.troubles = verdict === 'healthy' ? 0 : this.troubles + 1;
  }

  private checkAttempts(before: InstanceState, after: InstanceState, observation: Observation): void {
    if (after.attempt >= before.attempt || observation.type === 'restart_ended') return;
    if (observation.type === 'resumed' || observation.type === 'reset_requested') return;
    const quiet = this.now - this.lastNotHealthy;
    rule(quiet >= this.policy.restart.stableFor, 'attempts start again only after stableFor of uninterrupted health');
  }

  private checkRestart(before: InstanceState, observation: Observation, intent: RestartIntent): void {
    rule(this.inFlight === null, 'never two restarts in flight for one instance');
    rule(before.phase !== 'restarting', 'never a restart during a restart');
    if (observation.type === 'restart_requested' && observation.force) return;
    if (observation.type !== 'probe' && observation.type !== 'restart_requested') {
      throw new Error(`a restart must follow a probe or a request, not ${observation.type}`);
    }
    rule(observation.holds.length === 0, 'never a restart under a hold');
    rule(this.wall >= this.pausedUntil, 'never while somebody has paused it');
    rule(
      before.phase !== 'recovering' || before.graceUntil === null || this.now >= before.graceUntil,
      'never in the grace',
    );
    this.checkCooldown(before);
    const { restarts, per } = this.policy.restart.budget;
    const recent = this.started.filter(({ at, counts }) => counts && at > this.now - per);
    rule(recent.length < restarts, 'never above the budget');
    if (intent.trigger === 'failure') this.checkFailure(before, observation);
    if (intent.trigger === 'schedule') this.checkPlanned(before);
    if (intent.trigger === 'silence') this.checkSilence(before, observation);
    rule(observation.type !== 'restart_requested' || before.phase !== 'needs_human', 'needs_human is not restarted');
  }

  private checkSilence(before: InstanceState, observation: Observation): void {
    if (observation.type !== 'probe') throw new Error('silence is something that a probe makes sure of');
    const { activity, restart } = this.policy;
    rule(activity.silentAfter !== null && activity.restart && restart.enabled, 'silence restarts only where wanted');
    rule(observation.quiet !== null && !observation.quiet.isShared, 'never for the silence of most');
    const isWell = verdictOf(observation.cause) === 'healthy' || observation.cause === 'unknown_state';
    rule(isWell && before.phase === 'healthy', 'silent is only what is well otherwise');
    rule(this.silenceRestarts === 0, 'once per silence');
    rule((before.silence?.since ?? null) !== null, 'not before a second probe');
    this.silenceRestarts += 1;
  }

  private checkPlanned({ planned }: InstanceState): void {
    if (planned === null) throw new Error('a planned restart was planned');
    rule(this.wall < planned.expiresAt, 'no planned restart after its time');
    rule(this.wall >= planned.dueAt, 'no planned restart before its time');
    rule(!this.plannedMade.includes(planned.dueAt), 'no planned restart twice');
    const { pairing } = this;
    const isPaired = typeof pairing !== 'number' || this.now - pairing >= this.policy.probe.pairingGrace;
    rule(isPaired, 'no planned restart in what follows a pairing');
    this.plannedMade.push(planned.dueAt);
  }

  private checkCooldown(before: InstanceState): void {
    const last = this.started.findLast(({ counts }) => counts);
    if (last === undefined) return;
    const { cooldown, backoff } = this.policy.restart;
    const least = Math.min(cooldown * backoff.factor ** Math.max(0, before.attempt - 1), backoff.max);
    rule(this.now - last.at >= least, 'never inside a cooldown, which grows with the attempts');
  }

  private checkFailure(before: InstanceState, observation: Observation): void {
    if (observation.type !== 'probe') throw new Error('a failure is something that a probe saw');
    const verdict = verdictOf(this.core.judge(before, observation.cause, observation.startedAt, this.policy));
    rule(verdict === 'unhealthy', 'a restart follows only from an unhealthy probe');
    rule(before.refusal === null, 'never where the gateway refuses restarts for good');
    const sick = before.phase === 'down' || before.phase === 'exhausted' || before.phase === 'recovering';
    const { failureThreshold, failuresWithin } = this.policy.probe;
    const failing = this.results.slice(-failuresWithin.probes).filter((failed) => failed).length;
    const isOften = before.failures + 1 >= failureThreshold || failing >= failuresWithin.failures;
    rule(sick || isOften, 'not below the failure threshold');
    this.checkPatience(before, observation);
  }

  private checkPatience(before: InstanceState, { cause, startedAt }: Extract<Observation, { type: 'probe' }>): void {
    const { probe, restart } = this.policy;
    if (before.phase === 'needs_human') {
      rule(!blamesGateway(cause), 'silence does not end the need for a human');
      const isUnpaired = before.cause === 'pairing_required' || before.cause === 'banned';
      const isPlain = cause === 'disconnected' || cause === 'stopped';
      const isScanned = !isUnpaired && this.pairing !== 'awaited';
      rule(isScanned || (!isPlain && cause !== 'connecting'), 'a code that nobody scans leads to no restart');
      rule(before.cause !== 'conflict' || !isPlain, 'a session that was taken over and has ended leads to no restart');
    }
    const isTaken = cause === 'conflict' || cause === 'stopped';
    rule(!isTaken || before.attempt === 0, 'what somebody took or stopped is restarted once');
    const pairedFor = typeof this.pairing === 'number' ? startedAt - this.pairing : Number.POSITIVE_INFINITY;
    rule(cause !== 'disconnected' || pairedFor >= probe.pairingGrace, 'no restart in what follows a pairing');
    if (cause !== 'connecting' || before.connectingSince === null) return;
    rule(pairedFor >= probe.pairingGrace, 'no restart in what follows a pairing');
    const base = before.attempt === 0 ? probe.connectingGrace : Math.max(probe.connectingGrace, restart.grace);
    const { factor, max } = restart.backoff;
    const patience = Math.max(base, before.attempt === 0 ? 0 : Math.min(base * factor ** before.attempt, max));
    rule(startedAt - before.connectingSince >= patience, 'a start that is under way is not begun again');
  }

  private checkEvent(event: InstanceEvent, before: InstanceState): void {
    if (event.type === 'healed' || event.type === 'recovered') {
      rule(before.successes + 1 >= this.policy.probe.successThreshold, 'an outage ends with successThreshold probes');
    }
    if (event.type === 'healed' && before.phase !== 'recovering') {
      const last = this.started.at(-1)?.at ?? 0;
      const { restart } = this.policy;
      const base = Math.max(this.policy.probe.connectingGrace, restart.grace);
      // As patient as with a first attempt, whichever it was.
      const longest = Math.max(base, Math.min(base * restart.backoff.factor, restart.backoff.max), 10 * 60 * SECOND);
      rule(this.now <= last + longest, 'what is back long after a restart was not healed by it');
    }
    if (event.type === 'phase_changed' && event.to === 'needs_human' && before.phase !== 'restarting') {
      const isTaken = event.cause === 'conflict' || event.cause === 'stopped';
      rule(isTaken || this.troubles >= 2, 'an answer that calls for a human comes twice');
    }
    if (event.type === 'restart_harmed') {
      const harmed = this.state.history.findLast((record) => record.harmed);
      rule(harmed !== undefined && harmed.from !== 'needs_human', 'what needed a human before was not harmed');
      const isUnpaired = event.cause === 'pairing_required' || event.cause === 'banned';
      rule(!isUnpaired || !harmed.unpaired, 'what was unpaired before was not harmed');
    }
    if (event.type === 'answers_missing') {
      const { since, probes } = this.unclear ?? { since: this.now, probes: 0 };
      rule(probes >= 10 && this.lastProbeStart - since >= BLIND_AFTER, 'not knowing is published when it lasts');
    }
    if (event.type === 'unpaused' && event.by === null) {
      rule(this.wall >= this.pausedUntil, 'a pause lasts until the wall clock shows its end');
      // Once it is over it does not come back, whatever the clock is set to.
      this.pausedUntil = 0;
    }
    if (event.type === 'restart_held' && before.phase === 'down' && this.state.phase === 'down') {
      rule(
        event.trigger !== 'failure' || !before.holdsMet.includes(event.hold),
        'a hold is reported once per due restart',
      );
    }
  }

  private checkShape(): void {
    const { state } = this;
    same(JSON.parse(JSON.stringify(state)), state, 'a state is plain JSON');
    rule(state.history.length <= HISTORY_LIMIT && state.spent.length <= 100, 'what is remembered is bounded');
    rule((state.phase === 'restarting') === (state.intent !== null), 'restarting means exactly: a call is in flight');
    rule((state.phase === 'recovering') === (state.graceUntil !== null), 'recovering means exactly: a grace runs');
    const isBlind = state.inconclusive?.blind === true;
    rule(
      !isBlind || (state.phase !== 'healthy' && state.phase !== 'suspect'),
      'a phase does not say what is not known',
    );
  }

  /** Liveness: whatever came before, an instance that stays sick, is curable and not held is restarted in time. */
  mustRestartInTime(): void {
    if (this.inFlight !== null)
      this.live({ kind: 'answer', wait: 0, outcome: 'accepted', limited: false, refused: false });
    this.live({ kind: 'unpause', wait: 0 });
    const isTaken = this.state.phase === 'suspect' && this.state.cause === 'conflict';
    if (this.state.phase === 'needs_human' || isTaken) this.live({ kind: 'reset', wait: 0 });
    const before = this.started.length;
    const { probe, restart } = this.policy;
    const until =
      this.now +
      restart.grace +
      probe.pairingGrace +
      (probe.failureThreshold + 2) * probe.retryEvery +
      Math.max(restart.budget.per, Math.max(restart.backoff.max, restart.cooldown) * (1 + restart.backoff.jitter)) +
      restart.backoff.max;
    while (this.started.length === before) {
      rule(this.now <= until, 'what is sick, curable and not held is restarted within the bound of its policy');
      const delay = this.core.probeDelay(this.state, this.policy, this.now, this.wall) ?? 30 * SECOND;
      rule(delay > 0, 'the next probe lies ahead');
      this.live({ kind: 'probe', wait: delay, cause: 'disconnected', took: 0, holds: [], quiet: null });
    }
  }
}

function rule(kept: boolean, words: string): asserts kept {
  if (!kept) throw new Error(words);
}

function same(one: unknown, other: unknown, words: string): void {
  rule(JSON.stringify(one) === JSON.stringify(other), words);
}
