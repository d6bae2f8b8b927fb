import { remedyFor } from '../../core/remedy.ts';
import type { StatusView } from '../../http/views/schemas.ts';
import { isSick } from './fleet-query.ts';
import type { Rows } from './fleet-rows.ts';
import { CAUSE_WORDS, count, localTime } from './words.ts';

/** Something that affects more than one instance, and what it means. */
export interface Notice {
  readonly level: 'bad' | 'warn' | 'info';
  readonly title: string;
  readonly text: string;
  /** Places and remedies, a line each. */
  readonly details: readonly string[];
  /** The account that can be released by it; null: none. */
  readonly releases: string | null;
  /** The account whose sick instances it is about; null: none. */
  readonly about: string | null;
  /** Since when (ISO 8601); null: that is not known. */
  readonly since: string | null;
}

/** How many instances of an account are in trouble, and what holds their restarts. */
export interface Extent {
  readonly sick: number;
  readonly of: number;
  readonly blind: number;
  /** Instances whose due restart is held. */
  readonly held: number;
}

/** The extent of a trouble of an account. */
export function extentOf(rows: Rows, account: string): Extent {
  const extent = { sick: 0, of: 0, blind: 0, held: 0 };
  for (const row of rows.values()) {
    if (row.view.account !== account || row.phase === 'disabled') continue;
    extent.of += 1;
    if (isSick(row)) extent.sick += 1;
    if (row.view.blindSince !== null) extent.blind += 1;
    if (row.view.restart.dueAt !== null && row.view.restart.holds.length > 0) extent.held += 1;
  }
  return extent;
}

/** `12 of 40 instances are sick, 8 restarts are held`. */
export function extentWords({ sick, of, blind, held }: Extent): string {
  const parts = [
    `${sick} of ${count(of, 'instance')} ${sick === 1 ? 'is' : 'are'} sick`,
    ...(blind === 0 ? [] : [`nothing is known of ${blind}`]),
    ...(held === 0 ? [] : [`${count(held, 'due restart')} ${held === 1 ? 'is' : 'are'} held`]),
  ];
  return parts.join(', ');
}

/** What an operator must know before looking at single instances; the gravest first. */
export function noticesOf(status: StatusView): readonly Notice[] {
  return [
    ...ownNetwork(status),
    ...silentReplicas(status),
    ...ofAccounts(status, outage, 'gateway_outage'),
    ...ofAccounts(status, refused, 'refused'),
    ...ofAccounts(status, blind, 'account_blind'),
    ...ofAccounts(status, silent, 'account_silent'),
    ...ofAccounts(status, harmful, 'harmful'),
    ...ofAccounts(status, storm, 'storm'),
    ...reload(status),
    ...saving(status),
    ...dryRun(status),
    ...status.maintenance.map(maintenance),
    ...waiting(status),
  ];
}

function ofAccounts(
  { accounts, troubles }: StatusView,
  noticesFor: (account: AccountStatus) => readonly Notice[],
  kind: string,
): readonly Notice[] {
  return accounts.flatMap((account) => {
    const since = troubles.find((trouble) => trouble.kind === kind && trouble.account === account.name)?.since ?? null;
    return noticesFor(account).map((each) => ({ ...each, about: account.name, since }));
  });
}

function ownNetwork({ ownNetwork: { up }, troubles }: StatusView): readonly Notice[] {
  if (up) return [];
  const text =
    'This machine reaches none of its gateways, so its probes show its own trouble. All restarts are held until it does.';
  const since = troubles.find(({ kind }) => kind === 'own_network')?.since ?? null;
  return [{ ...notice('bad', "The watchdog's own network is down", text), since }];
}

function silentReplicas({ missing = [] }: StatusView): readonly Notice[] {
  if (missing.length === 0) return [];
  const text = 'The instances that they watch are not shown. If they have died, others take these over within seconds.';
  const details = missing.map(({ replica, reason }) => `${replica}: ${reason}`);
  return [{ ...notice('bad', `No answer from ${count(missing.length, 'replica')}`, text), details }];
}

type AccountStatus = StatusView['accounts'][number];

function outage({ name, gateway, gatewayOutage }: AccountStatus): readonly Notice[] {
  if (!gatewayOutage) return [];
  const text = `Most of its instances fail as if ${gateway} itself were down. Restarts of this account are held until it answers again; restarting instances would not help.`;
  return [notice('bad', `Gateway outage: ${name}`, text)];
}

function refused({ name, gateway, refused: cause }: AccountStatus): readonly Notice[] {
  if (cause === null) return [];
  const text = `${gateway} refuses most of its instances for the same reason: ${CAUSE_WORDS[cause]}. They are not restarted, because that would not help.`;
  const remedy = remedyFor(cause);
  return [{ ...notice('bad', `Account refused: ${name}`, text), details: remedy === null ? [] : [remedy] }];
}

function blind({ name, blind: isBlind }: AccountStatus): readonly Notice[] {
  if (!isBlind) return [];
  const text =
    'Most of its instances have had no conclusive answer for long, so nobody knows whether they work, and nothing is restarted because of them. Their last probes show what comes instead of an answer, and what to do.';
  return [notice('bad', `Nothing is known of ${name}`, text)];
}

function silent({ name, silent: isSilent }: AccountStatus): readonly Notice[] {
  if (!isSilent) return [];
  const text =
    'Most of its instances are connected and show no sign of life at the same time, so none is restarted for its silence. First check that the webhooks of the gateway, or your bot, still report messages to the watchdog.';
  return [notice('warn', `Silent: ${name}`, text)];
}

function harmful({ name, harmful: isHarmful }: AccountStatus): readonly Notice[] {
  if (!isHarmful) return [];
  const text =
    'Instances needed a human after their restarts, and did not before. No automatic or planned restart of this account is made until you release it. First find out why: the history of these instances says which restarts did harm, and what the gateway answered.';
  return [{ ...notice('bad', `Restarts do harm: ${name}`, text), releases: name }];
}

function storm({ name, storm: inStorm }: AccountStatus): readonly Notice[] {
  if (!inStorm) return [];
  const text =
    'More of its instances are sick at once than may be restarted one by one. Its restarts are held, then tried a few at a time; restarts continue by themselves once they heal.';
  return [notice('bad', `Storm: ${name}`, text)];
}

function reload({ config }: StatusView): readonly Notice[] {
  if (config.lastReloadSuccessful) return [];
  const text = `The changed configuration was refused as a whole; the one of ${localTime(config.lastSuccessAt)} stays in force.`;
  const details = config.problems.map(({ file, line, column, path, message, remedy }) => {
    const place = [file, line, column].filter((part) => part !== null).join(':');
    return `${place}  ${path === '' ? '' : `${path}: `}${message}. ${remedy}`;
  });
  return [{ ...notice('bad', 'The last reload failed', text), details }];
}

function saving({ durable, stateTrouble, unsaved }: StatusView): readonly Notice[] {
  if (stateTrouble !== null) {
    const text =
      'Earlier data is not available and nothing can be saved, so everything is probed and nothing is restarted.';
    return [{ ...notice('bad', 'The state cannot be used', text), details: [stateTrouble] }];
  }
  const notices: Notice[] = [];
  if (unsaved > 0) {
    const text =
      'Their newest state is not on disk, and a restart is made only after its intent is saved. Check the free space and the permissions of state.path, or the database.';
    notices.push(notice('bad', `${count(unsaved, 'instance')} cannot be saved`, text));
  }
  if (!durable) {
    const text = 'It is kept in memory alone: after a restart of the watchdog, cooldowns and budgets start from zero.';
    notices.push(notice('info', 'The state is not durable', text));
  }
  return notices;
}

function dryRun({ dryRun: on }: StatusView): readonly Notice[] {
  if (!on) return [];
  return [notice('warn', 'Dry run', 'Everything is probed and decided, and no restart is made.')];
}

function maintenance({ name, accounts, instances }: StatusView['maintenance'][number]): Notice {
  const of = [...accounts, ...instances];
  const scope = of.length === 0 ? 'all instances' : of.join(', ');
  return notice('info', `Maintenance: ${name}`, `Automatic restarts are held for ${scope} while this window is open.`);
}

function waiting({ config: { waitingForRestart } }: StatusView): readonly Notice[] {
  if (waitingForRestart.length === 0) return [];
  const text = `Changed in the configuration, and in force only after the watchdog is restarted: ${waitingForRestart.join(', ')}.`;
  return [notice('info', 'Some settings wait', text)];
}

function notice(level: Notice['level'], title: string, text: string): Notice {
  return { level, title, text, details: [], releases: null, about: null, since: null };
}
