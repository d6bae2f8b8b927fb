import { remedyFor } from '../../core/remedy.ts';
import type { StatusView } from '../../http/views/schemas.ts';
import { configGroups } from '../../core/shares.ts';
import { isSick } from './fleet-query.ts';
import type { Rows } from './fleet-rows.ts';
import type { Speech } from '../speech/speech.ts';

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

/** Accounts in one notice; a replica that died had hundreds. */
const MOST_NAMED = 20;

/** How many instances of an account are in trouble, and what holds their restarts. */
export interface Extent {
  readonly sick: number;
  readonly of: number;
  readonly blind: number;
  /** Connected, without a sign of life. */
  readonly silent: number;
  /** Instances whose due restart is held. */
  readonly held: number;
}

/** The extent of a trouble of an account. */
export function extentOf(rows: Rows, account: string): Extent {
  const extent = { sick: 0, of: 0, blind: 0, silent: 0, held: 0 };
  for (const row of rows.values()) {
    if (row.view.account !== account || row.phase === 'disabled') continue;
    extent.of += 1;
    if (isSick(row)) extent.sick += 1;
    if (row.view.blindSince !== null) extent.blind += 1;
    if (row.view.activity.silentSince !== null) extent.silent += 1;
    if (row.view.restart.dueAt !== null && row.view.restart.holds.length > 0) extent.held += 1;
  }
  return extent;
}

/** `12 of 40 instances are sick, 8 due restarts are held`. */
export function extentWords({ sick, of, blind, silent, held }: Extent, { page: { notices } }: Speech): string {
  const parts = [
    notices.sick(sick, of),
    ...(blind === 0 ? [] : [notices.blind(blind)]),
    ...(silent === 0 ? [] : [notices.withoutLife(silent)]),
    ...(held === 0 ? [] : [notices.held(held)]),
  ];
  return parts.join(', ');
}

/** What an operator must know before looking at single instances; the gravest first. */
export function noticesOf(status: StatusView, speech: Speech): readonly Notice[] {
  const { dryRun } = speech.page.notices;
  return [
    ...ownNetwork(status, speech),
    ...silentReplicas(status, speech),
    ...leases(status, speech),
    ...Object.entries(OF_ACCOUNTS).flatMap(([kind, noticeOf]) => ofAccounts(status, speech, noticeOf, kind)),
    ...reload(status, speech),
    ...saving(status, speech),
    ...configs(status, speech),
    ...(status.dryRun ? [notice('warn', dryRun.title, dryRun.text)] : []),
    ...status.maintenance.map((window) => maintenance(window, speech)),
    ...waiting(status, speech),
    ...changingOwner(status, speech),
  ];
}

type AccountNotice = (
  account: StatusView['accounts'][number],
  words: Speech['page']['notices'],
  speech: Speech,
  remedyTexts: StatusView['remedyTexts'],
) => Notice | null;

/** What an account can be in, as `troubles` of the status call it; the gravest first. */
const OF_ACCOUNTS: Readonly<Record<string, AccountNotice>> = {
  gateway_outage: ({ name, gateway, gatewayOutage }, { outage: { title, text } }) =>
    gatewayOutage ? notice('bad', title(name), text(gateway)) : null,
  refused({ name, gateway, refused: cause }, { refused: { title, text } }, speech, remedyTexts) {
    if (cause === null) return null;
    const remedy = remedyTexts[gateway]?.[cause] ?? speech.remedy(remedyFor(cause));
    const details = remedy === null ? [] : [remedy];
    return notice('bad', title(name), text(gateway, speech.words.causes[cause]), { details });
  },
  account_blind: ({ name, blind }, { accountBlind: { title, text } }) =>
    blind ? notice('bad', title(name), text) : null,
  account_silent: ({ name, silent }, { silent: { title, text } }) =>
    silent ? notice('warn', title(name), text) : null,
  harmful: ({ name, harmful }, { harmful: { title, text } }) =>
    harmful ? notice('bad', title(name), text, { releases: name }) : null,
  storm: ({ name, storm }, { storm: { title, text } }) => (storm ? notice('bad', title(name), text) : null),
  discovery_failed({ name, discovery }, { discovery: { title, text } }) {
    const trouble = discovery?.trouble ?? null;
    return trouble === null ? null : notice('warn', title(name), text(trouble));
  },
};

function ofAccounts(
  { accounts, troubles, remedyTexts }: StatusView,
  speech: Speech,
  noticeOf: AccountNotice,
  kind: string,
): readonly Notice[] {
  return accounts.flatMap((account) => {
    const found = noticeOf(account, speech.page.notices, speech, remedyTexts);
    const since = troubles.find((trouble) => trouble.kind === kind && trouble.account === account.name)?.since ?? null;
    return found === null ? [] : [{ ...found, about: account.name, since }];
  });
}

function ownNetwork({ ownNetwork: { up }, troubles }: StatusView, { page: { notices } }: Speech): readonly Notice[] {
  if (up) return [];
  const since = troubles.find(({ kind }) => kind === 'own_network')?.since ?? null;
  return [notice('bad', notices.ownNetwork.title, notices.ownNetwork.text, { since })];
}

type Lack = Pick<StatusView, 'missing' | 'changing'>;

/** What an answer of several replicas lacks: `No answer from 1 replica: r2`; empty: nothing. */
export function lackLines({ missing = [], changing = [] }: Lack, { page: { notices } }: Speech): readonly string[] {
  const line = (title: (count: number) => string, names: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [`${title(names.length)}: ${named(names).join(', ')}`];
  const replicas = missing.map(({ replica }) => replica);
  return [...line(notices.replicas.title, replicas), ...line(notices.changing.title, changing)];
}

/** As many as are read. */
function named(names: readonly string[]): readonly string[] {
  return names.length > MOST_NAMED ? [...names.slice(0, MOST_NAMED), '…'] : names;
}

function silentReplicas({ missing = [] }: Lack, { page: { notices } }: Speech): readonly Notice[] {
  if (missing.length === 0) return [];
  const { title, text } = notices.replicas;
  const details = missing.map(({ replica, reason }) => `${replica}: ${reason}`);
  return [notice('bad', title(missing.length), text, { details })];
}

function leases({ replicas = [] }: StatusView, speech: Speech): readonly Notice[] {
  const { title, text } = speech.page.notices.leases;
  const details = replicas.flatMap(({ replica, leaseTrouble = null }) =>
    leaseTrouble === null ? [] : [`${replica}: ${speech.catalogue.stateTrouble(leaseTrouble)}`],
  );
  return details.length === 0 ? [] : [notice('bad', title(details.length), text, { details })];
}

function configs({ replicas = [] }: StatusView, { page: { notices } }: Speech): readonly Notice[] {
  const groups = configGroups(replicas);
  if (groups.length < 2) return [];
  const details = groups.map((names) => named(names).join(', '));
  return [notice('warn', notices.configs.title, notices.configs.text, { details })];
}

function changingOwner({ changing = [] }: Lack, { page: { notices } }: Speech): readonly Notice[] {
  if (changing.length === 0) return [];
  const { title, text } = notices.changing;
  return [notice('info', title(changing.length), text, { details: named(changing) })];
}

function reload({ config }: StatusView, speech: Speech): readonly Notice[] {
  if (config.lastReloadSuccessful) return [];
  const { title, text } = speech.page.notices.reload;
  const details = config.problems.map((problem) => {
    const { file, line, column, path, message, remedy } = speech.catalogue.problem(problem);
    const place = [file, line, column].filter((part) => part !== null).join(':');
    return `${place}  ${path === '' ? '' : `${path}: `}${message}. ${remedy}`;
  });
  return [notice('bad', title, text(speech.localTime(config.lastSuccessAt)), { details })];
}

function saving({ durable, stateTrouble, unsaved }: StatusView, speech: Speech): readonly Notice[] {
  const { notices } = speech.page;
  if (stateTrouble !== null) {
    const details = [speech.catalogue.stateTrouble(stateTrouble)];
    return [notice('bad', notices.unusable.title, notices.unusable.text, { details })];
  }
  return [
    ...(unsaved > 0 ? [notice('bad', notices.unsaved.title(unsaved), notices.unsaved.text)] : []),
    ...(durable ? [] : [notice('info', notices.notDurable.title, notices.notDurable.text)]),
  ];
}

function maintenance(
  { name, accounts, instances }: StatusView['maintenance'][number],
  { page: { notices } }: Speech,
): Notice {
  const { title, text, everything } = notices.maintenance;
  const of = [...accounts, ...instances];
  return notice('info', title(name), text(of.length === 0 ? everything : of.join(', ')));
}

function waiting({ config: { waitingForRestart } }: StatusView, { page: { notices } }: Speech): readonly Notice[] {
  if (waitingForRestart.length === 0) return [];
  return [notice('info', notices.waiting.title, notices.waiting.text(waitingForRestart.join(', ')))];
}

function notice(level: Notice['level'], title: string, text: string, more: Partial<Notice> = {}): Notice {
  return { level, title, text, details: [], releases: null, about: null, since: null, ...more };
}
