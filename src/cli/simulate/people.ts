import type { EpochMs } from '../../core/time.ts';
import { isoTime } from '../../core/schedule/iso-time.ts';
import { answerToAlert } from '../../http/routes/alert-route.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import type { Watchdog } from '../../runtime/watchdog.ts';
import type { Request } from '../../simulation/language/happening.ts';
import type { WallClock } from '../../time/wall-clock.ts';

export interface PeopleParts {
  readonly wall: WallClock;
  readonly watchdog: Watchdog;
}

const SOMEBODY = 'somebody';

/** Requests of the watchdog what people and other programs request in a scenario, as the routes of its API do. */
export async function fulfil(request: Request, names: readonly string[], since: EpochMs, parts: PeopleParts) {
  const { watchdog } = parts;
  const instances = names.flatMap((name) => watchdog.fleet.instances.get(name) ?? []);
  if (request.type === 'release') {
    const accounts = new Set(instances.map(({ account }) => account));
    for (const account of accounts) await watchdog.control.release(account, SOMEBODY);
    return;
  }
  for (const instance of instances) await fulfilFor(instance, request, since, parts);
}

async function fulfilFor(
  instance: Instance,
  request: Exclude<Request, { type: 'release' }>,
  since: EpochMs,
  parts: PeopleParts,
): Promise<void> {
  const { watchdog, wall } = parts;
  switch (request.type) {
    case 'pause': {
      const until = request.lasts === null ? null : wall.now() + request.lasts;
      await watchdog.control.pause(instance, { reason: 'as the scenario says', by: SOMEBODY, until });
      return;
    }
    case 'resume':
      await watchdog.control.unpause(instance, SOMEBODY);
      return;
    case 'reset':
      await watchdog.control.reset(instance, SOMEBODY);
      return;
    case 'restart':
    case 'forced_restart': {
      const force = request.type === 'forced_restart';
      await watchdog.control.requestRestart(instance, { trigger: 'api', requestedBy: SOMEBODY, force });
      return;
    }
    case 'alert':
      await fire(request.name, instance, since, parts);
  }
}

/** Alertmanager repeats an alert as it was when it began. */
async function fire(alert: string, { name }: Instance, since: EpochMs, { watchdog }: PeopleParts): Promise<void> {
  const labels = { alertname: alert, name, restart: 'true' };
  const fired = { status: 'firing', labels, startsAt: isoTime(since), fingerprint: `${alert} of ${name}` };
  await answerToAlert(fired, { fleet: () => watchdog.fleet, control: watchdog.control });
}
