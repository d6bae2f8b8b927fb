import type { Happened } from '../happened.ts';
import { counted, number } from './page-numbers.ts';

const HAPPENED: Happened = {
  phase_changed: ({ phase, cause }) => `${phase}${cause === '' ? '' : `: ${cause}`}.`,
  cause_changed: ({ phase, cause }) => `${phase}, for another reason now: ${cause}.`,
  restart_held: ({ hold, until }) => `Its restart is held: ${hold}${until === '' ? '' : `, until ${until}`}.`,
  restart_skipped: ({ trigger, skip }) => `It is not restarted (${trigger}): ${skip}.`,
  restart_started: ({ attempt, trigger, by }) => `Restart ${attempt} begins: ${trigger}${by === '' ? '' : ` (${by})`}.`,
  restart_finished: ({ attempt, outcome, until }) =>
    `Restart ${attempt}: ${outcome}.${until === '' ? '' : ` No other one before ${until}.`}`,
  not_healed: ({ attempt, cause }) => `Restart ${attempt} did not heal it in the time that it was given: ${cause}.`,
  escalated: ({ attempt }) =>
    `${attempt === '1' ? 'A restart' : `${attempt} restarts`} did not help: the process of the gateway is to be restarted, and its receiver was notified.`,
  restart_harmed: ({ attempt, cause }) => `Restart ${attempt} did harm; it needs a human since then: ${cause}.`,
  answers_missing: ({ cause, since }) => `Nothing is known of it: no conclusive answer since ${since} (${cause}).`,
  silence_began: ({ since }) => `It is connected, and has shown no sign of life since ${since}.`,
  silence_ended: () => 'It is no longer silent.',
  healed: ({ attempt, toHeal, down }) =>
    `Healed: healthy ${toHeal} after restart ${attempt}${down === '' ? '' : `, ${down} after its first failing probe`}.`,
  recovered: ({ down }) => `Recovered without a restart, ${down} after its first failing probe.`,
  paused: ({ by, reason, until }) => `Paused by ${by}${until === '' ? '' : ` until ${until}`}: ${reason}.`,
  unpaused: ({ by }) => (by === '' ? 'Its pause has expired.' : `Resumed by ${by}.`),
  acknowledged: ({ by, reason, until }) =>
    `Acknowledged by ${by}${reason === '' ? '' : `: ${reason}`}. Messages about its trouble are silent until ${until === '' ? 'it ends' : until}.`,
  reset: ({ by }) => `Reset by ${by}: attempts, cooldown and budget start from zero.`,
  stable: ({ attempts }) => `It is stable: its ${attempts} restart attempts no longer count.`,
  state_not_saved: ({ reason }) => `Its state could not be saved: ${reason}.`,
  state_saved_again: () => 'Its state is saved again.',
  decision_failed: ({ reason }) =>
    `A bug in the watchdog: the decision about it failed (${reason}). Nothing was changed; please report the line of the log.`,
};

/** What the page says of what has happened. */
export const PAGE_NEWS = {
  happened: HAPPENED,
  notices: {
    label: 'What affects the whole fleet',
    levels: { bad: 'Trouble', warn: 'Warning', info: 'Note' },
    show: (account: string) => `Show ${account}`,
    since: (time: string, length: string) => `since ${time} (${length})`,
    sick: (sick: number, of: number) =>
      `${number(sick)} of ${counted(of, 'instance')} ${sick === 1 ? 'is' : 'are'} sick`,
    blind: (blind: number) => `nothing is known of ${number(blind)}`,
    withoutLife: (silent: number) => `${number(silent)} ${silent === 1 ? 'shows' : 'show'} no sign of life`,
    held: (held: number) => `${counted(held, 'due restart')} ${held === 1 ? 'is' : 'are'} held`,
    ownNetwork: {
      title: "The watchdog's own network is down",
      text: 'This machine reaches none of its gateways, so its probes show its own trouble. All restarts are held until it does.',
    },
    replicas: {
      title: (count: number) => `No answer from ${counted(count, 'replica')}`,
      text: 'The instances that they watch are not shown. If they have died, others take these over within seconds.',
    },
    leases: {
      title: (count: number) => `${counted(count, 'replica')} cannot renew ${count === 1 ? 'its' : 'their'} leases`,
      text: 'What they watch is probed, and they restart nothing. Replicas that reach the database take it over. Leases are tried again all the time.',
    },
    configs: {
      title: 'Replicas have different configs',
      text: 'After two minutes all accounts are watched by those with the newest one. Give all replicas the same one.',
    },
    changing: {
      title: (count: number) => `${counted(count, 'account')} ${count === 1 ? 'is' : 'are'} changing the owner`,
      text: 'Another replica watches them in a moment. Until then their instances are not shown.',
    },
    outage: {
      title: (account: string) => `Gateway outage: ${account}`,
      text: (gateway: string) =>
        `Most of its instances fail as if ${gateway} itself were down. Restarts of this account are held until it answers again; restarting instances would not help.`,
    },
    refused: {
      title: (account: string) => `Account refused: ${account}`,
      text: (gateway: string, cause: string) =>
        `${gateway} refuses most of its instances for the same reason: ${cause}. They are not restarted, because that would not help.`,
    },
    accountBlind: {
      title: (account: string) => `Nothing is known of ${account}`,
      text: 'Most of its instances have had no conclusive answer for long, so nobody knows whether they work, and nothing is restarted because of them. Their last probes show what comes instead of an answer, and what to do.',
    },
    silent: {
      title: (account: string) => `Silent: ${account}`,
      text: 'Most of its instances are connected and show no sign of life at the same time, so none is restarted for its silence. First check that the webhooks of the gateway, or your bot, still report messages to the watchdog.',
    },
    discovery: {
      title: (account: string) => `The list of ${account} is not followed`,
      text: (trouble: string) =>
        `Its instances are found by the list of the gateway, and the last one is not followed: ${trouble}. All stays as it is, and the list is requested again. If it is right, reload with force.`,
    },
    harmful: {
      title: (account: string) => `Restarts do harm: ${account}`,
      text: 'Instances needed a human after their restarts, and did not before. No automatic or planned restart of this account is made until you release it. First find out why: the history of these instances says which restarts did harm, and what the gateway answered.',
    },
    storm: {
      title: (account: string) => `Storm: ${account}`,
      text: 'More of its instances are sick at once than may be restarted one by one. Its restarts are held, then tried a few at a time; restarts continue by themselves once they heal.',
    },
    reload: {
      title: 'The last reload failed',
      text: (time: string) => `The changed configuration was refused as a whole; the one of ${time} stays in force.`,
    },
    unusable: {
      title: 'The state cannot be used',
      text: 'Earlier data is not available and nothing can be saved, so everything is probed and nothing is restarted.',
    },
    unsaved: {
      title: (count: number) => `${counted(count, 'instance')} cannot be saved`,
      text: 'Their newest state is not on disk, and a restart is made only after its intent is saved. Check the free space and the permissions of state.path, or the database.',
    },
    notDurable: {
      title: 'The state is not durable',
      text: 'It is kept in memory alone: after a restart of the watchdog, cooldowns and budgets start from zero.',
    },
    dryRun: { title: 'Dry run', text: 'Everything is probed and decided, and no restart is made.' },
    maintenance: {
      title: (name: string) => `Maintenance: ${name}`,
      text: (scope: string) => `Automatic restarts are held for ${scope} while this window is open.`,
      everything: 'all instances',
    },
    waiting: {
      title: 'Some settings wait',
      text: (keys: string) =>
        `Changed in the configuration, and in force only after the watchdog is restarted: ${keys}.`,
    },
  },
};
