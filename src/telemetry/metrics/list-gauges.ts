import { Gauge, type Registry } from 'prom-client';
import { SECOND } from '../../core/time.ts';
import type { Account } from '../../runtime/fleet/account.ts';
import type { Fleet } from '../../runtime/fleet/fleet.ts';

/** What lists of gateways are used for. An account has a series only where its list is used in this way. */
const LIST_GAUGES: readonly (readonly [name: string, help: string, value: (account: Account) => number | null])[] = [
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
    ({ discovery }) => (discovery?.listedAt ?? null) && (discovery?.listedAt ?? 0) / SECOND,
  ],
  [
    'watchdog_bulk_failed',
    'Whether the list of the gateway cannot take the place of probes, as it is to.',
    ({ usesBulk, listTrouble }) => (usesBulk ? (listTrouble === null ? 0 : 1) : null),
  ],
];

/** Read at each scrape. */
export function listGauges(fleet: () => Fleet, registers: Registry[]): void {
  for (const [name, help, value] of LIST_GAUGES) {
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
