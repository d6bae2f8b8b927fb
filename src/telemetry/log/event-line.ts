import type { FleetEvent } from '../../core/event.ts';
import { remedyFor } from '../../core/remedy.ts';
import type { Cause } from '../../core/verdict.ts';
import { accountsOf, MOST_PROBLEMS, problemLines, sentences } from './event-words.ts';
import { GROUP_LINES } from './group-lines.ts';
import { INSTANCE_LINES } from './instance-lines.ts';
import { error, info, warn, type EventLine, type Lines, type RemedyOf } from './log-line.ts';

/** What a gateway says by itself of what a person can do about a cause; undefined: nothing, so the general text counts. */
export type OwnRemedies = (account: string, cause: Cause) => string | undefined;

/** The log line of an event. Its fields are those of the event, with those of the table in place of or beside them. */
export function lineOf(event: FleetEvent, ownRemedy: OwnRemedies = () => undefined): EventLine {
  const account = 'account' in event ? event.account : null;
  const remedyOf: RemedyOf = (cause, detail = null) =>
    (account === null || cause === null ? undefined : ownRemedy(account, cause)) ?? remedyFor(cause, detail);
  // The compiler cannot see that the entry found by a type takes the events of that type.
  const { level, msg, fields } = (LINES[event.type] as (event: FleetEvent, remedyOf: RemedyOf) => EventLine)(
    event,
    remedyOf,
  );
  const { type, at: _, ...own } = event;
  const present = Object.entries({ ...own, ...fields }).filter(([, value]) => value !== null);
  return { level, fields: { event: type, ...Object.fromEntries(present) }, msg };
}

/** Logged once per account: its gateway's answers prove only that something answers. */
export function reachabilityOnly(account: string): EventLine {
  const msg = sentences(
    `only reachability is watched for account ${account}: the gateway's answer names no connection state`,
    'If it does name one, set statePath to its place.',
  );
  return warn(msg, { event: 'reachability_only', account });
}

/** What each event is logged as. A field that is null is left out. */
const LINES: Lines = {
  ...INSTANCE_LINES,
  ...GROUP_LINES,
  own_network_down: ({ reason }) =>
    warn(`own network down: ${reason}. Unanswered probes do not count, and nothing is restarted.`),
  own_network_up: () => info('own network up again'),
  state_unusable({ reason, soughtAgain }) {
    const next = soughtAgain
      ? 'It is tried again at least once a minute.'
      : 'Start the watchdog again once that is repaired.';
    return error(
      `not durable: ${reason.replace(/\.$/, '')}. All instances are probed and none is restarted, because a restart must be saved before it is made. ${next}`,
    );
  },
  state_found: ({ instances }) =>
    info(`durable again: the state could be opened, and ${instances} instances were restored from it`),
  config_reloaded({ added, removed, changed, changedAccounts, waitingForRestart }) {
    const done = `config reloaded: ${added} instances added, ${removed} removed, ${changed} changed; ${changedAccounts} accounts changed`;
    if (waitingForRestart.length === 0) return info(done);
    return warn(`${done}. New values of ${waitingForRestart.join(', ')} are used only after a restart of the process`);
  },
  config_reload_failed: ({ problems }) =>
    error(`the config was not reloaded, the one before stays in use: ${problemLines(problems)}`, {
      problems: problems.slice(0, MOST_PROBLEMS),
    }),
  accounts_claimed({ accounts, from }) {
    const reason = from.length === 0 ? 'nobody owned' : `${from.join(', ')} no longer renewed`;
    const msg = `watching ${accountsOf(accounts)} from now on, which ${reason}`;
    return from.length === 0 ? info(msg) : warn(msg);
  },
  accounts_released: ({ accounts, to }) =>
    info(`no longer watching ${accountsOf(accounts)}, which ${to === null ? 'another replica' : to} watches next`),
  accounts_lost: ({ accounts }) =>
    warn(
      `no longer watching ${accountsOf(accounts)}: another replica owns them, because this one could not renew its leases in time. Check its way to the database, and whether it was suspended.`,
    ),
  leases_not_renewed: ({ reason }) =>
    error(
      `the leases of this replica are not renewed: ${reason.replace(/\.$/, '')}. Until they are, nothing is restarted here, and other replicas take its accounts over. They are tried again all the time.`,
    ),
  leases_renewed: () => info('the leases are renewed again'),
  replica_joined: ({ replica, replicas }) => info(`replica ${replica} has joined; ${replicas} share the accounts`),
  replica_left: ({ replica, replicas }) =>
    info(
      `replica ${replica} has left, or is no longer heard of; ${replicas} ${replicas === 1 ? 'has' : 'share'} the accounts`,
    ),
  configs_differ({ replicas, outdated }) {
    const whose = outdated
      ? 'The one here is older, so the others get its accounts'
      : 'Theirs is older, so this one gets their accounts';
    return warn(
      `${replicas.join(', ')} ${replicas.length === 1 ? 'has' : 'have'} another config. ${whose} after two minutes. Give all replicas the same one.`,
    );
  },
  configs_agree: () => info('all replicas have the same config'),
  alert_unmatched({ alerts, alert, instances }) {
    const what =
      alerts === 1 ? `alert ${alert} requests a restart` : `${alerts} alerts such as ${alert} request restarts`;
    return warn(
      `${what} of ${instances.join(', ')}, but no instance of that name is watched. Set the label name in its rule to the name of an instance.`,
    );
  },
  alerts_refused: ({ alerts, reason }) =>
    warn(
      alerts === null
        ? `a delivery of alerts was refused, so none of them restarts anything: ${reason}. Alertmanager does not repeat it.`
        : `${alerts} of the alerts of a delivery cannot be understood, so they restart nothing: ${reason}`,
    ),
  webhooks_unmatched({ why, webhooks, accounts, places }) {
    const what = `${webhooks === 1 ? 'a webhook' : `${webhooks} webhooks`} of ${accountsOf(accounts)}`;
    const at = places.join(' or ');
    if (why === 'unknown_instance') {
      return info(
        `${what} named at ${at} an instance that is not watched, so nothing came of it. Where it should be, look at its id in the config.`,
      );
    }
    if (why === 'ambiguous') {
      return warn(
        `${what} named an instance of several accounts, so nothing came of it. Add ?account= to the URL of the webhook, or give each account a hookToken.`,
      );
    }
    return warn(
      `${what} could not be read, or named no instance at ${at}, so nothing came of it. Look at the URL of the webhook and at the gateway of the account.`,
    );
  },
  tokens_refused: ({ right, address, count }) =>
    warn(
      `${count} wrong tokens within a minute from ${address} for ${right}: further wrong ones from there are answered 429 for the rest of it. Correct or remove the token that this client sends.`,
    ),
};
