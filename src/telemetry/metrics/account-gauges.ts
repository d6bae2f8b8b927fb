import { Gauge, type Registry } from 'prom-client';
import { SECOND } from '../../core/time.ts';
import type { Account } from '../../runtime/fleet/account.ts';
import type { Fleet } from '../../runtime/fleet/fleet.ts';

/** What is true of an account as a whole. Where the value is null, it has no series. */
const ACCOUNT_GAUGES: readonly (readonly [name: string, help: string, value: (account: Account) => number | null])[] = [
  [
    'watchdog_storm',
    'Whether too many instances are sick, so that restarts are held.',
    ({ inStorm }) => Number(inStorm),
  ],
  [
    'watchdog_gateway_outage',
    'Whether the gateway itself counts as down.',
    ({ inGatewayOutage }) => Number(inGatewayOutage),
  ],
  [
    'watchdog_harmful',
    'Whether restarts did so much harm that none is made until a person releases the account.',
    ({ isHarmful }) => Number(isHarmful),
  ],
  [
    'watchdog_blind',
    'Whether nothing is known of most instances, because their answers prove nothing.',
    ({ isBlind }) => Number(isBlind),
  ],
  [
    'watchdog_silent',
    'Whether most instances of which signs of life are expected show none at the same time.',
    ({ isSilent }) => Number(isSilent),
  ],
  [
    'watchdog_refused',
    'Whether the gateway refuses most instances for the same reason.',
    ({ refusedBy }) => Number(refusedBy !== null),
  ],
  [
    'watchdog_gateway_certificate_expiry_timestamp_seconds',
    'When the certificate that the gateway showed last ends, in seconds since 1970.',
    ({ gateway: { certificateEndsAt: at = null } }) => at && at / SECOND,
  ],
  [
    'watchdog_discovered_instances',
    'Instances that the gateway lists and that are watched for it.',
    ({ discovery }) => discovery && discovery.found,
  ],
  [
    'watchdog_discovery_failed',
    'Whether the list by which instances are found is not followed, so that all stays as it is.',
    ({ discovery }) => discovery && (discovery.trouble === null ? 0 : 1),
  ],
  [
    'watchdog_discovery_last_success_timestamp_seconds',
    'When the last list was requested that was followed, in seconds since 1970.',
    ({ discovery }) => discovery && discovery.listedAt && discovery.listedAt / SECOND,
  ],
  [
    'watchdog_bulk_failed',
    'Whether the list of the gateway cannot take the place of probes, as it is to.',
    ({ usesBulk, listTrouble }) => (usesBulk ? (listTrouble === null ? 0 : 1) : null),
  ],
];

/** Read at each scrape. */
export function accountGauges(fleet: () => Fleet, registers: Registry[]): void {
  for (const [name, help, value] of ACCOUNT_GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ['account'],
      registers,
      collect() {
        this.reset();
        for (const account of fleet().accounts.values()) {
          const shown = value(account);
          if (shown !== null) this.set({ account: account.name }, shown);
        }
      },
    });
  }
}
