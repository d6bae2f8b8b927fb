import type { Logger } from 'pino';
import { PHASES, type Phase } from '../core/instance/instance.ts';
import { ServiceManagerNotifier, type ServiceManager } from '../process/service-manager-notifier.ts';
import type { Fleet } from '../runtime/fleet/fleet.ts';
import type { Watchdog } from '../runtime/watchdog.ts';
import type { Clock } from '../time/clock.ts';

const REMEDY =
  'systemd does not learn that this process is ready or alive. Install the package systemd, or set Type=exec and no WatchdogSec in the unit.';

/** Notifies the service manager of the state of `watchdog`. */
export function notifierOf(
  manager: ServiceManager,
  { clock, watchdog, log }: { readonly clock: Clock; readonly watchdog: Watchdog; readonly log: Logger },
): ServiceManagerNotifier {
  return new ServiceManagerNotifier({
    clock,
    manager,
    late: () => watchdog.late(),
    status: () => statusLine(watchdog.fleet),
    onTrouble: (error) => log.warn({ event: 'notify_failed', reason: String(error) }, `${String(error)}; ${REMEDY}`),
  });
}

/** The fleet in one line, for a service manager. */
function statusLine({ instances }: Fleet): string {
  const counts = new Map<Phase, number>();
  for (const { state, definition } of instances.values()) {
    if (definition.enabled) counts.set(state.phase, (counts.get(state.phase) ?? 0) + 1);
  }
  const phases = PHASES.flatMap((phase) => (counts.has(phase) ? [`${counts.get(phase) ?? 0} ${phase}`] : []));
  return `watching ${instances.size} instances: ${phases.join(', ')}`;
}
