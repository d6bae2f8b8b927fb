import type { AboutAccount, AccountEvent } from '../../core/event.ts';
import { isoTime } from '../../core/schedule/iso-time.ts';

export type LineLevel = 'debug' | 'info' | 'warn' | 'error';

/** One event as the log says it: fields for machines, and a message that says what happened, why, and what to do. */
export interface EventLine {
  readonly level: LineLevel;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly msg: string;
}

/** How the log says what befalls many instances of an account at once: one line for one incident. */
export function fleetLine(event: AboutAccount & AccountEvent): EventLine {
  const { type } = event;
  switch (type) {
    case 'storm_began': {
      const { account, sick, watched, allowed } = event;
      return {
        level: 'warn',
        fields: { event: type, account, sick, watched, allowed },
        msg:
          `storm: ${sick} of ${watched} instances of ${account} are sick, more than ${allowed}. ` +
          'One restart at a time from now on, until one is seen to heal. Look for what they have in common.',
      };
    }
    case 'storm_paced':
      return {
        level: 'info',
        fields: { event: type, account: event.account },
        msg: `storm: a restart healed in ${event.account}, so the others go on within the account's limits`,
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
          `gateway outage: ${unreachable} of ${watched} instances of ${account} fail as if the gateway itself were down. ` +
          'All restarts of the account are held. Check the gateway.',
      };
    }
    case 'gateway_outage_ended':
      return {
        level: 'info',
        fields: { event: type, account: event.account },
        msg: `gateway outage: over in ${event.account}; what still fails is judged afresh`,
      };
  }
}
