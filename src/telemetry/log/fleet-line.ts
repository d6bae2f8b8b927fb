import type { AboutAccount, AccountEvent } from '../../core/event.ts';
import { isoTime } from '../../core/schedule/iso-time.ts';
import type { EventLine } from './log-line.ts';

/** The log line of what affects many instances of an account at once: one line per incident. */
export function fleetLine(event: AboutAccount & AccountEvent): EventLine {
  const { type } = event;
  switch (type) {
    case 'storm_began': {
      const { account, sick, watched, allowed } = event;
      return {
        level: 'warn',
        fields: { event: type, account, sick, watched, allowed },
        msg:
          `storm: ${sick} of ${watched} instances of ${account} are failing, more than ${allowed}. ` +
          'Restarts go one at a time until one of them heals. Look for a common cause.',
      };
    }
    case 'storm_paced':
      return {
        level: 'info',
        fields: { event: type, account: event.account },
        msg: `storm: a restart healed an instance of ${event.account}, so the others are restarted within the account's limits`,
      };
    case 'storm_ended': {
      const { account, quietUntil } = event;
      const quiet = quietUntil === null ? {} : { until: isoTime(quietUntil) };
      const pause = quietUntil === null ? '' : `; no restart before ${isoTime(quietUntil)}`;
      return { level: 'info', fields: { event: type, account, ...quiet }, msg: `storm: over in ${account}${pause}` };
    }
    case 'gateway_outage_began': {
      const { account, unreachable, watched } = event;
      return {
        level: 'warn',
        fields: { event: type, account, unreachable, watched },
        msg:
          `gateway outage: ${unreachable} of ${watched} instances of ${account} fail as they do when the gateway itself is down. ` +
          'All restarts of the account are held. Check the gateway.',
      };
    }
    case 'gateway_outage_ended':
      return {
        level: 'info',
        fields: { event: type, account: event.account },
        msg: `gateway outage: over in ${event.account}; what still fails must reach its failure threshold again`,
      };
  }
}
