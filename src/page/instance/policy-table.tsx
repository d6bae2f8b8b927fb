import type { PolicyView } from '../../http/views/schemas.ts';
import { spell } from '../speech/lengths.ts';
import type { Speech } from '../speech/speech.ts';
import { useSpeech } from '../state/page-context.ts';

/** The policy in force, by the configuration's names. */
export function PolicyTable({ policy }: { readonly policy: PolicyView }) {
  const speech = useSpeech();
  return (
    <dl class="facts policy">
      {policyFacts(policy, speech).map(([name, value]) => (
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
function policyFacts({ probe, restart }: PolicyView, speech: Speech): readonly (readonly [string, string])[] {
  const words = speech.page.policy;
  const length = (seconds: number): string => (seconds < 1 ? speech.latency(seconds) : spell(seconds));
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
    ['probe.failuresWithin', words.of(probe.failuresWithin.failures, probe.failuresWithin.probes)],
    ['restart.enabled', restart.enabled ? words.yes : words.no],
    ['restart.grace', length(restart.grace)],
    ['restart.cooldown', length(restart.cooldown)],
    ['restart.backoff', words.backoff(backoff.factor, length(backoff.max), Math.round(backoff.jitter * 100))],
    ['restart.stableFor', length(restart.stableFor)],
    ['restart.budget', words.per(budget.restarts, length(budget.per))],
    ['restart.timeout', length(restart.timeout)],
    ['restart.retries', String(restart.retries)],
    ['restart.schedule', restart.schedule === null ? words.none : `${restart.schedule} (${restart.timezone ?? 'UTC'})`],
  ];
}
