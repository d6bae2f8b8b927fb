import type { Policy } from '../../core/policy.ts';
import type { KnownGateway } from '../gateways/built-in.ts';
import type { Warning } from '../problems.ts';
import type { Sources } from '../read/sources.ts';
import type { PolicyResolver } from '../resolve-policy.ts';
import type { PolicyMistake } from './policy-checks.ts';
import { policyFindings, policyLevels } from './policy-levels.ts';

/** Policies that want a list in place of probes, and probe at times of their own, for which no list is requested. */
export function bulkWarnings(
  sources: Sources,
  policies: PolicyResolver,
  gateways: ReadonlyMap<string, KnownGateway>,
): Warning[] {
  return policyFindings(policyLevels(sources, gateways), policies, bulkByCron);
}

function bulkByCron({ probe: { bulk, cadence } }: Policy): readonly PolicyMistake[] {
  if (!bulk || cadence.type === 'every') return [];
  return [
    {
      keys: ['probe.bulk', 'probe.cron'],
      message: 'probe.bulk has no effect together with probe.cron: each instance is probed by itself',
      remedy: 'Write every in place of cron, or remove bulk.',
    },
  ];
}
