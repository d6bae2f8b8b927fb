import type { PolicyView } from '../../http/views/schemas.ts';
import { spell, spellLatency } from '../state/words.ts';

/** The policy in force, by the configuration's names. */
export function PolicyTable({ policy }: { readonly policy: PolicyView }) {
  return (
    <dl class="facts policy">
      {policyFacts(policy).map(([name, value]) => (
        <div key={name} class="fact">
          <dt>
            <code>{name}</code>
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Pairs of name and value. */
export function policyFacts({ probe, restart }: PolicyView): readonly (readonly [string, string])[] {
  const { backoff, budget } = restart;
  const zone = probe.timezone === undefined ? '' : ` (${probe.timezone})`;
  return [
    probe.cron === undefined ? ['probe.every', length(probe.every ?? 0)] : ['probe.cron', `${probe.cron}${zone}`],
    ['probe.retryEvery', length(probe.retryEvery)],
    ['probe.recoverEvery', length(probe.recoverEvery)],
    ['probe.timeout', length(probe.timeout)],
    ['probe.failureThreshold', String(probe.failureThreshold)],
    ['probe.successThreshold', String(probe.successThreshold)],
    ['probe.connectingGrace', length(probe.connectingGrace)],
    ['probe.pairingGrace', length(probe.pairingGrace)],
    ['probe.failuresWithin', `${probe.failuresWithin.failures} of ${probe.failuresWithin.probes}`],
    ['restart.enabled', restart.enabled ? 'yes' : 'no'],
    ['restart.grace', length(restart.grace)],
    ['restart.cooldown', length(restart.cooldown)],
    [
      'restart.backoff',
      `× ${backoff.factor}, at most ${length(backoff.max)}, jitter ${Math.round(backoff.jitter * 100)} %`,
    ],
    ['restart.stableFor', length(restart.stableFor)],
    ['restart.budget', `${budget.restarts} per ${length(budget.per)}`],
    ['restart.timeout', length(restart.timeout)],
    ['restart.retries', String(restart.retries)],
    ['restart.schedule', restart.schedule === null ? 'none' : `${restart.schedule} (${restart.timezone ?? 'UTC'})`],
  ];
}

function length(seconds: number): string {
  return seconds < 1 ? spellLatency(seconds) : spell(seconds);
}
