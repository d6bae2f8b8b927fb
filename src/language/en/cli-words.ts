import { VERDICTS } from '../../core/verdict.ts';
import { SHOWN_PHASES } from '../words.ts';
import { DEMO_WORDS } from './demo-words.ts';
import { SIMULATE_WORDS } from './simulate-words.ts';
import { INIT_WORDS } from './init-words.ts';

export const CLI_WORDS = {
  init: INIT_WORDS,
  demo: DEMO_WORDS,
  simulate: SIMULATE_WORDS,
  /** Heads of the columns of tables. */
  columns: {
    name: 'NAME',
    displayName: 'CALLED',
    account: 'ACCOUNT',
    phoneNumberId: 'PHONE NUMBER ID',
    labels: 'LABELS',
    probed: 'PROBED',
    downAfter: 'DOWN AFTER',
    restarted: 'RESTARTED',
    phase: 'PHASE',
    since: 'SINCE',
    cause: 'CAUSE',
    took: 'TOOK',
    verdict: 'VERDICT',
    detail: 'DETAIL',
    attempt: 'ATTEMPT',
    next: 'HELD BY',
    receiver: 'RECEIVER',
    format: 'FORMAT',
    result: 'RESULT',
    known: 'KNOWN',
    versions: 'VERSIONS',
    restart: 'RESTART',
  },
  /** As cells of tables; in English they are the words of the core, which options take as well. */
  phases: asTheyAre(SHOWN_PHASES),
  verdicts: asTheyAre(VERDICTS),
  check: {
    every: (duration: string) => `every ${duration}`,
    failures: (count: string) => `${count} failures`,
    automatic: (cooldown: string, restarts: string, per: string) =>
      `at the earliest after ${cooldown}, ${restarts} per ${per}`,
    onRequest: 'only on request',
    planned: (cron: string) => `planned ${cron}`,
    never: 'never (dryRun)',
    disabled: 'no (disabled)',
    good: (file: string) => `${file}: good.`,
    summary: (instances: string, accounts: string) =>
      `${instances} instance${instances === '1' ? '' : 's'} in ${accounts} account${accounts === '1' ? '' : 's'}`,
    disabledCount: (count: string) => `${count} disabled`,
    /** What the gateway of an account lists is watched as well. */
    discovers: (account: string, match: string, every: string) =>
      `${account}: what its gateway lists (${match}) is watched as well; looked at every ${every}`,
    listens: (address: string) => `listens on ${address}`,
    stateIn: (place: string) => `state in ${place}`,
    pleaseLook: 'Please look at:',
  },
  noneMatches: 'No instance matches.',
  more: (count: string) => `… and ${count} more`,
  probed: (done: string, of: string) => `${done} of ${of} probed`,
  healthyOf: (healthy: string, of: string) => `${healthy} of ${of} healthy`,
  status: {
    total: (instances: string, counts: string, version: string) =>
      `${instances} instance${instances === '1' ? '' : 's'}: ${counts}; smileapi-watchdog ${version}`,
    none: 'none is watched',
    moreSeeAll: (count: string) => `… and ${count} more: --all shows them, --phase, --account and --label choose`,
    ownNetworkDown: 'the own network of the watchdog is down: nothing is restarted',
    gatewayOutage: (account: string) => `gateway outage: all restarts of ${account} are held`,
    harmful: (account: string) =>
      `restarts did harm: all of ${account} are held until a person has looked and calls smileapi-watchdog release ${account}`,
    blind: (account: string) => `blind: nothing is known of most instances of ${account}`,
    refused: (account: string, cause: string, remedy: string) => `${account} is refused (${cause}): ${remedy}`,
    storm: (account: string) => `storm: most restarts of ${account} are held`,
    notReloaded: 'the config could not be reloaded: the previous one stays in use',
    waitingForRestart: (keys: string) => `new values wait for a restart: ${keys}`,
    notDurable: (reason: string) => `not durable, so nothing is restarted: ${reason}`,
    leases: (replica: string, reason: string) =>
      `${replica} cannot renew its leases, so it restarts nothing: ${reason}`,
    configs: (replicas: string) => `the configs of replicas differ (${replicas}): give all the same one`,
    inMemory: 'the state does not survive the process (state.path is :memory:)',
    unsaved: (count: string) => `the state of ${count} instances could not be saved`,
    dryRun: 'dry run: nothing is restarted',
    maintenance: (name: string) => `maintenance window ${name} is open: automatic restarts are held`,
    nothingKnown: (since: string) => `nothing known since ${since}`,
    noSignOfLife: (since: string) => `no sign of life since ${since}`,
    silent: (account: string) =>
      `silent: most instances of ${account} show no sign of life; first check that messages are reported`,
    until: (holds: string, time: string) => `${holds} until ${time}`,
    paused: (reason: string) => `paused: ${reason}`,
    acknowledged: (by: string) => `acknowledged by ${by}`,
  },
  lack: {
    replicas: (names: string) => `Part of this is missing: no answer from ${names}.`,
    accounts: (names: string) => `Without ${names}: another replica is taking over. Try again in a few seconds.`,
  },
  report: {
    nothing: 'Nothing is recorded yet.',
    nothingIn: (month: string) => `Nothing is recorded of ${month}.`,
    columns: {
      name: 'NAME',
      month: 'MONTH',
      availability: 'AVAILABLE',
      failing: 'FAILING',
      needsHuman: 'NEEDS A HUMAN',
      unknown: 'UNKNOWN',
      paused: 'PAUSED',
      restarts: 'RESTARTS',
      timeToHeal: 'TIME TO HEAL',
    },
  },
  operate: {
    released: (account: string, count: string) =>
      `${account}: released. Harmful restarts that no longer count: ${count}`,
    paused: (name: string) =>
      `${name} is paused until it is resumed; it is still probed, and not restarted automatically`,
    pausedUntil: (name: string, time: string) =>
      `${name} is paused until ${time}; it is still probed, and not restarted automatically`,
    resumed: (name: string) => `${name} is no longer paused`,
    reset: (name: string) => `${name} was reset: attempts, cooldown and budget start from zero`,
    acknowledged: (name: string, until: string | null) =>
      `${name} is acknowledged: messages about this incident are silent until ${until ?? 'it ends'}`,
    noReason: 'no reason given',
    notRestarted: (name: string, why: string) => `${name} was not restarted: ${why}`,
    heldBy: (holds: string) => `held by ${holds}`,
    holdUntil: (hold: string, time: string) => `${hold} until ${time}`,
    forceRestarts: '--force restarts it anyway',
    noAnswer: 'no answer',
    reloaded: (added: string, removed: string, changed: string) =>
      `config reloaded: ${added} instances added, ${removed} removed, ${changed} changed`,
    waitingForRestart: (keys: string) => `New values of ${keys} are used only after a restart of the daemon`,
    sent: 'accepted',
    noReceivers: 'the config has no receiver in notify',
  },
};

function asTheyAre<Word extends string>(words: readonly Word[]): Readonly<Record<Word, string>> {
  return Object.fromEntries(words.map((word): [Word, string] => [word, word])) as Record<Word, string>;
}
