import { remedyFor } from '../../core/remedy.ts';
import type { Daemon } from '../../daemon.ts';
import type { Instance } from '../../runtime/fleet/fleet.ts';
import { DEMO_FLEET } from '../../simulator/fleet-script.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { renderTable } from '../terminal.ts';

/** How the demo ended: each instance, with its restarts as the gateway counted them. */
export function demoSummary(daemon: Daemon, simulator: Simulator, seconds: number): string {
  const rows = DEMO_FLEET.map(({ name, phoneNumberId, fate }) => {
    const instance = daemon.watchdog.fleet.instances.get(name);
    const restarts = String(simulator.counts(phoneNumberId).restarts);
    return [name, instance?.state.phase ?? 'unknown', restarts, fate, instance === undefined ? '' : endOf(instance)];
  });
  const healthy = rows.filter(([, phase]) => phase === 'healthy').length;
  const { restarts, probes } = simulator.requests();
  return (
    `\nAfter ${Math.round(seconds)} seconds:\n\n${renderTable(['NAME', 'PHASE', 'RESTARTS', 'ITS STORY', 'WHAT NOW'], rows)}\n` +
    `${healthy} of ${rows.length} are healthy; the gateway counted ${probes} probes and ${restarts} restarts.\n`
  );
}

function endOf({ state, policy }: Instance): string {
  if (state.phase === 'needs_human') return remedyFor(state.cause) ?? '';
  if (state.phase !== 'exhausted') return '';
  const { restarts } = policy.restart.budget;
  return `${restarts} restarts did not help for long: probed slowly, tried again when the budget frees`;
}
