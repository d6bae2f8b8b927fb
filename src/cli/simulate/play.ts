import { closeAccounts, openAccounts } from '../../assembly/accounts.ts';
import { storeInMemory } from '../../assembly/state.ts';
import { watchdogParts } from '../../assembly/watch-parts.ts';
import type { Config } from '../../config/config.ts';
import { MINUTE, type DurationMs, type EpochMs } from '../../core/time.ts';
import { Account } from '../../runtime/fleet/account.ts';
import { Masks } from '../../redaction/masks.ts';
import { Watchdog } from '../../runtime/watchdog.ts';
import type { CastMember } from '../../simulation/cast.ts';
import { Chance } from '../../simulation/chance.ts';
import { judge, type Findings, type Judgement, type Standing, type Tally } from '../../simulation/findings.ts';
import type { Expectation, Scenario } from '../../simulation/language/scenario.ts';
import { ScenarioPlayer, type ScenarioInstance } from '../../simulation/scenario-player.ts';
import { promisesSettled, SimulatedClock } from '../../simulation/simulated-clock.ts';
import type { OwnRemedies } from '../../telemetry/log/event-line.ts';
import { WallClock } from '../../time/wall-clock.ts';
import { fulfil } from './people.ts';
import { Recorder } from './recorder.ts';

/** What became of one instance. */
export interface InstanceOutcome extends CastMember, Standing, Tally {
  readonly down: DurationMs;
}

export interface Checked extends Judgement {
  readonly expectation: Expectation;
}

/** What became of a fleet in a scenario. */
export interface Played extends Pick<Recorder, 'timeline' | 'messages'> {
  readonly startedAt: EpochMs;
  /** How far it came; less than all of the scenario when the user stopped it. */
  readonly lasted: DurationMs;
  readonly instances: readonly InstanceOutcome[];
  /** In the order of the lines. */
  readonly checked: readonly Checked[];
}

/** Time is simulated in pieces, so that the user can stop it in between. */
const PIECE: DurationMs = 10 * MINUTE;

/** Plays a scenario to the watchdog as the daemon assembles it, except for gateways, clock, store and receivers. */
export async function play(
  config: Config,
  members: readonly ScenarioInstance[],
  scenario: Scenario,
  stop: AbortSignal,
): Promise<Played> {
  const chance = new Chance(scenario.seed);
  const clock = new SimulatedClock(scenario.startsAt ?? undefined, chance.fork(), promisesSettled);
  const startedAt = clock.now();
  const wall = new WallClock(clock);
  const ownRemedy: OwnRemedies = (account, cause) => config.accounts.get(account)?.profile.remedyTexts[cause];
  const recorder = new Recorder(config.notify, clock, ownRemedy);
  const publish = recorder.record.bind(recorder);
  const player = new ScenarioPlayer(members, scenario.happenings, {
    clock,
    chance,
    onHappening: (happening) => recorder.happened(happening),
    onRequest: (request, names, since) => void fulfil(request, names, since, { wall, watchdog }),
  });
  const opened = openAccounts(config, { clock, masks: new Masks(() => config.secrets) });
  const accounts = opened.map((account) => onStage(account, player));
  const parts = watchdogParts(config, { clock, wall, store: storeInMemory(), accounts, publish });
  const watchdog = await Watchdog.load({ ...parts, reach: () => Promise.resolve(player.networkUp) });
  const findings = findingsOf(members, { recorder, player, watchdog });
  try {
    const checked = checkInTime(scenario, findings, clock);
    watchdog.start();
    for (let left = scenario.lasts; left > 0 && !stop.aborted; left -= PIECE) await clock.run(Math.min(left, PIECE));
    const lasted = clock.now() - startedAt;
    return {
      ...{ startedAt, lasted, checked: checked(lasted), instances: members.map((member) => outcome(member, findings)) },
      timeline: [...recorder.timeline],
      messages: new Map(recorder.messages),
    };
  } finally {
    const stopped = watchdog.stop();
    await clock.run(MINUTE);
    await stopped;
    await closeAccounts(opened);
  }
}

function findingsOf(
  members: readonly CastMember[],
  { recorder, player, watchdog }: { recorder: Recorder; player: ScenarioPlayer; watchdog: Watchdog },
): Findings {
  const { tallies, messages } = recorder;
  return {
    ...{ members, tallies, messages },
    downtimeOf: (name) => player.downtimeOf(name),
    standingOf: (name) => {
      const state = watchdog.fleet.instances.get(name)?.state;
      return { phase: state?.phase ?? 'unknown', cause: state?.cause ?? null };
    },
  };
}

/** Checks each expectation at its time; those for the end, and those that are not reached, when it is called. */
function checkInTime(scenario: Scenario, findings: Findings, clock: SimulatedClock) {
  const { expectations, lasts } = scenario;
  const judgements = new Map<Expectation, Judgement>();
  const check = (expectation: Expectation): void => void judgements.set(expectation, judge(expectation, findings));
  for (const expectation of expectations) {
    if (expectation.at !== null) clock.after(expectation.at, () => check(expectation));
  }
  return (lasted: DurationMs): readonly Checked[] => {
    for (const expectation of expectations) if (expectation.at === null && lasted === lasts) check(expectation);
    const missed = { met: false, found: 'nothing, because the simulation was stopped before' };
    return expectations.map((expectation) => ({ expectation, ...(judgements.get(expectation) ?? missed) }));
  };
}

function outcome(member: CastMember, { tallies, downtimeOf, standingOf }: Findings): InstanceOutcome {
  const { name } = member;
  return { ...member, ...tallies.of(name), ...standingOf(name), down: downtimeOf(name) };
}

function onStage(account: Account, player: ScenarioPlayer): Account {
  const { name, origin, gatewayName, requests, restartLimits, requestsPerSecond } = account;
  const world = player.gateways.get(name);
  const gateway = world ?? account.gateway;
  // Only where the config has a health route; for an account without instances none is called.
  const healthRoute = account.healthRoute && world;
  return new Account({ name, origin, gatewayName, gateway, healthRoute, requests, restartLimits, requestsPerSecond });
}
