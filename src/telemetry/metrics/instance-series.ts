import { spentWithin } from '../../core/instance/budget.ts';
import { isBlind, isSilent, PHASES, type InstanceState, type Phase } from '../../core/instance/instance.ts';
import { SECOND, type EpochMs } from '../../core/time.ts';
import { verdictOf } from '../../core/verdict.ts';
import type { Fleet } from '../../runtime/fleet/fleet.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import { identity, label, labelNameOf, metricHead } from './exposition.ts';

/** One metric that every instance under watch has. */
interface InstanceMetric {
  readonly name: string;
  readonly help: string;
  /** The lines of one instance, given its labels `account` and `name`; may be empty. */
  readonly lines: (instance: Instance, labels: string, now: EpochMs) => string;
}

/** A metric with one value for each instance; null: it has no series. */
function gauge(
  name: string,
  help: string,
  value: (instance: Instance, now: EpochMs) => number | boolean | null,
): InstanceMetric {
  const lines: InstanceMetric['lines'] = (instance, labels, now) => {
    const shown = value(instance, now);
    return shown === null ? '' : `${name}{${labels}} ${Number(shown)}\n`;
  };
  return { name, help, lines };
}

const INSTANCE_METRICS: readonly InstanceMetric[] = [
  {
    name: 'watchdog_instance_phase',
    help: 'Where the instance stands: 1 for the phase it is in, 0 for all others.',
    lines({ state }, labels) {
      let text = '';
      for (const phase of PHASES) {
        text += `watchdog_instance_phase{${labels},phase="${phase}"} ${state.phase === phase ? '1' : '0'}\n`;
      }
      return text;
    },
  },
  {
    name: 'watchdog_instance_info',
    help: 'What the configuration says about the instance; always 1.',
    lines: (instance, labels) => `watchdog_instance_info{${labels},${infoLabels(instance)}} 1\n`,
  },
  gauge(
    'watchdog_probe_success',
    'Whether the last conclusive probe found the instance healthy; no series while nothing is known of it.',
    ({ state }) => probeSuccess(state),
  ),
  gauge(
    'watchdog_last_conclusive_probe_timestamp_seconds',
    'When the last probe with a conclusive verdict began, in seconds since 1970.',
    ({ seen: { lastConclusiveAt: at } }) => at && at / SECOND,
  ),
  gauge(
    'watchdog_last_activity_timestamp_seconds',
    'When something last flowed through the instance, in seconds since 1970.',
    ({ activity: { lastAt } }) => lastAt && lastAt / SECOND,
  ),
  gauge(
    'watchdog_instance_silent',
    'Whether the instance is connected and shows no sign of life; no series where none is expected.',
    ({ state }) => (state.silence === null ? null : isSilent(state)),
  ),
  gauge('watchdog_restart_attempt', 'Restarts since the instance was last stable.', ({ state }) => state.attempt),
  gauge(
    'watchdog_restart_budget_remaining',
    'Restarts that the budget of the instance still allows now.',
    ({ state, policy: { restart } }, now) =>
      Math.max(0, restart.budget.restarts - spentWithin(state.spent, restart.budget, now).length),
  ),
];

/**
 * The metrics of the instances' states, in small parts, computed from the fleet when a part is taken. Instances that are
 * disabled in the config have none. (A registry of prom-client blocks the process for more than a second at 100,000
 * instances.)
 *
 * @param perInstance false: only the counts by phase
 */
export function* instanceSeries(fleet: Fleet, perInstance: boolean, now: EpochMs): Generator<string> {
  yield* counts(fleet);
  for (const { name, help, lines } of perInstance ? INSTANCE_METRICS : []) {
    yield metricHead(name, help, 'gauge');
    for (const instance of fleet.instances.values()) {
      if (instance.definition.enabled) yield lines(instance, identity(instance.account.name, instance.name), now);
    }
  }
}

/**
 * The counts over all instances, in one pass. Every account and every phase has a series, so that none disappears when it
 * becomes zero.
 */
function* counts(fleet: Fleet): Generator<string> {
  const noneYet = (): Map<Phase, number> => new Map(PHASES.map((phase) => [phase, 0]));
  const phases = new Map([...fleet.accounts.keys()].map((account) => [account, noneYet()]));
  let unsaved = 0;
  for (const instance of fleet.instances.values()) {
    const { account, state, definition } = instance;
    const ofAccount = definition.enabled ? phases.get(account.name) : undefined;
    ofAccount?.set(state.phase, (ofAccount.get(state.phase) ?? 0) + 1);
    if (instance.unsaved) unsaved += 1;
    yield '';
  }
  const help = 'Instances whose newest state is not on disk at the moment, because saving it failed.';
  yield metricHead('watchdog_unsaved_instances', help, 'gauge') + `watchdog_unsaved_instances ${unsaved}\n`;
  yield metricHead('watchdog_instances', 'Instances under watch by where they stand.', 'gauge');
  for (const [account, byPhase] of phases) {
    for (const [phase, count] of byPhase) {
      yield `watchdog_instances{${label('account', account)},phase="${phase}"} ${count}\n`;
    }
  }
}

/** If config labels would get the same name, the first one counts. */
function infoLabels({ definition }: Instance): string {
  const { displayName } = definition;
  const number = label('phone_number_id', definition.phoneNumberId);
  if (displayName === null && Object.keys(definition.labels).length === 0) return number;
  const texts = new Map([['phone_number_id', number]]);
  if (displayName !== null) texts.set('display_name', label('display_name', displayName));
  for (const [key, value] of Object.entries(definition.labels)) {
    const name = labelNameOf(key);
    if (!texts.has(name)) texts.set(name, label(name, value));
  }
  return [...texts.values()].join(',');
}

/**
 * Whether the last conclusive verdict was healthy; null before the first one, and while nothing is known of the instance.
 * `connecting` is neither, and replaces the cause before it. Then the phase decides: healthy, which only a healthy verdict
 * leads to, or an outage.
 */
function probeSuccess(state: InstanceState): boolean | null {
  const { cause, phase } = state;
  if (cause === null || isBlind(state)) return null;
  const verdict = verdictOf(cause);
  // After blindness it is the cause until the next verdict is believed.
  if (verdict === 'inconclusive') return null;
  if (verdict !== 'transitional') return verdict === 'healthy';
  return phase === 'unknown' ? null : phase === 'healthy';
}
