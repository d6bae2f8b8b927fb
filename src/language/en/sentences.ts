import { SECOND } from '../../core/time.ts';
import type { Sentences } from '../sentences.ts';
import { MESSAGE_PARTS } from './message-parts.ts';
import { WORDS } from './words.ts';

const { phases, causes, holds, outcomes } = WORDS;

export const SENTENCES: Sentences = {
  headings: {
    down: { began: 'Down', lasts: 'Still down', ended: 'Up again' },
    exhausted: { began: 'Restarts used up', lasts: 'Still down, restarts used up', ended: 'Up again' },
    needs_human: { began: 'Needs a human', lasts: 'Still needs a human', ended: 'Up again' },
    paused: { began: 'Paused', lasts: 'Still paused', ended: 'No longer paused' },
    storm: { began: 'Storm', lasts: 'Storm goes on', ended: 'Storm over' },
    gateway_outage: { began: 'Gateway outage', lasts: 'Gateway outage goes on', ended: 'Gateway outage over' },
    harmful: { began: 'Restarts do harm', lasts: 'Restarts still held: they did harm', ended: 'Released' },
    blind: { began: 'Blind', lasts: 'Still blind', ended: 'Sees again' },
    silent: { began: 'Silent', lasts: 'Still silent', ended: 'Shows life again' },
    refused: { began: 'Account refused', lasts: 'Account still refused', ended: 'Account accepted again' },
    flapping: { began: 'Flapping', lasts: 'Still flapping', ended: 'No longer flapping' },
    discovery_failed: {
      began: 'Discovery failed',
      lasts: 'Discovery still fails',
      ended: 'Discovery works again',
    },
    own_network: { began: 'Own network down', lasts: 'Own network still down', ended: 'Own network up again' },
    config_reload_failed: {
      began: 'Config not reloaded',
      lasts: 'Config still not reloaded',
      ended: 'Config is good again',
    },
    state_not_saved: { began: 'State not saved', lasts: 'State still not saved', ended: 'State saved again' },
    healed: 'Healed',
    recovered: 'Recovered',
    restart: 'Restart called',
    not_healed: 'Restart did not heal',
    escalated: 'Gateway must be restarted',
    restart_harmed: 'Restart did harm',
    reset: 'Reset',
    config_reloaded: 'Config reloaded',
    decision_failed: 'Bug in the watchdog',
    alert_unmatched: 'Alert without an instance',
  },
  news: {
    phase_changed: ({ to, failingSince }, f) =>
      to === 'down' && failingSince !== null
        ? `It has been failing its probes since ${f.time(failingSince)}.`
        : to === 'healthy'
          ? 'It is healthy again.'
          : phases[to].means,
    cause_changed: () => 'The reason is another one now.',
    healed: ({ attempt, secondsToHeal, downSeconds }, f) =>
      `It is healthy ${f.amount(secondsToHeal)} after restart ${f.number(attempt)}` +
      (downSeconds === null ? '.' : `, ${f.amount(downSeconds)} after its first failing probe.`),
    recovered: ({ downSeconds }, f) =>
      `It is healthy without a restart, ${f.amount(downSeconds)} after its first failing probe.`,
    paused: ({ by, reason, until }, f) =>
      `Paused by ${by}${until === null ? '' : ` until ${f.time(until)}`}: ${reason}. It is still probed, and not restarted automatically.`,
    unpaused: ({ by }) => (by === null ? 'Its pause expired.' : `Resumed by ${by}.`),
    reset: ({ by }) => `Reset by ${by}: attempts, cooldown and budget start from zero.`,
    state_not_saved: ({ reason, restartGivenUp }) =>
      `Its state could not be saved: ${reason}.${restartGivenUp ? ' Its restart was not made, because a restart must be saved before it is made.' : ''} Check the free space and the permissions of state.path, or the database.`,
    state_saved_again: () => 'Its state is saved again.',
    state_unusable: ({ reason }) => `${reason.replace(/\.$/, '')}. All instances are probed and none is restarted.`,
    state_found: ({ instances }, f) => `The state could be opened; ${f.number(instances)} instances were restored.`,
    restart_finished: ({ outcome, intent: { attempt } }, f) => `Restart ${f.number(attempt)}: ${outcomes[outcome]}.`,
    not_healed: ({ attempt }, f) => `Restart ${f.number(attempt)} did not heal it within its grace.`,
    escalated: ({ attempt }, f) =>
      `${attempt === 1 ? 'A restart' : `${f.number(attempt)} restarts`} of the instance did not help: the process of the gateway must be restarted.`,
    restart_harmed: ({ attempt }, f) => `Since restart ${f.number(attempt)} it needs a human.`,
    decision_failed: ({ reason }) =>
      `The decision about it failed: ${reason}. Nothing was changed. Please report the line of the log.`,
    alert_unmatched: ({ alert, instances }) =>
      `Alert ${alert} requests a restart of ${instances.join(', ')}, which is not watched. Set the label name in its rule to the name of an instance.`,
    storm_began: ({ sick, watched, allowed }, f) =>
      `${f.number(sick)} of ${f.number(watched)} instances are failing, more than ${f.number(allowed)}. Look for a common cause.`,
    storm_paced: () => 'A restart healed, so the others are restarted within the limits.',
    storm_ended: ({ quietUntil }, f) =>
      quietUntil === null ? 'The storm is over.' : `The storm is over; no restart before ${f.time(quietUntil)}.`,
    gateway_outage_began({ unreachable, watched, byHealthRoute }, f) {
      const some = `${f.number(unreachable)} of ${f.number(watched)} instances`;
      return byHealthRoute === true
        ? `${some} fail, but the health route of the gateway (healthPath) does. Check the gateway.`
        : `${some} fail as they do when the gateway itself is down. Check the gateway.`;
    },
    gateway_outage_ended: () => 'The gateway answers again; what still fails must reach its failure threshold again.',
    harmful_began: ({ harmed, within }, f) =>
      `After ${f.number(harmed)} restarts within ${f.amount(within / SECOND)}, instances need a human that did not before. Find out why restarts cost the pairing.`,
    restart_method_found: ({ method }) => `The gateway accepts restarts by ${method}; that is used from now on.`,
    bulk_failed: ({ cause }) =>
      `The list of the gateway cannot take the place of probes (${causes[cause]}); all are probed one by one.`,
    bulk_works: () => 'The list of the gateway takes the place of probes again.',
    instances_discovered: ({ added, removed }, f) =>
      `By the list of the gateway, ${f.number(added)} instances came and ${f.number(removed)} went.`,
    discovery_failed_began: (trouble, f) =>
      `The list of instances of the gateway is not followed, and all stays as it is: ${
        trouble.why === 'failed'
          ? causes[trouble.cause]
          : trouble.why === 'empty'
            ? 'it names no instance'
            : `it names ${f.number(trouble.listed)} of ${f.number(trouble.watched)} instances`
      }.${trouble.why === 'shrunk' ? ' If that is right, reload with force.' : ''}`,
    discovery_failed_ended: () => 'The list of instances of the gateway is followed again.',
    harmful_ended: ({ by }) => `Restarts were released by ${by}.`,
    blind_began: ({ blind, watched, cause }, f) =>
      `Nothing is known of ${f.number(blind)} of ${f.number(watched)} instances, because their answers are not conclusive${cause === null ? '' : ` (${causes[cause]})`}.`,
    blind_ended: () => 'Most answers are conclusive again.',
    silence_began: ({ since }, f) => `It is connected, but has shown no sign of life since ${f.time(since)}.`,
    silence_ended: ({ why }) =>
      ({
        activity: 'It shows life again.',
        reset: 'It was reset: counting begins again.',
        not_expected: 'The config no longer expects signs of life of it.',
      })[why],
    silent_began: ({ silent, expected }, f) =>
      `${f.number(silent)} of ${f.number(expected)} instances show no sign of life at the same time. First check the webhooks of the gateway, or your bot: they must report messages to the watchdog.`,
    silent_ended: () => 'Most show life again.',
    refused_began: ({ refused, watched }, f) =>
      `The gateway refuses ${f.number(refused)} of ${f.number(watched)} instances for the same reason.`,
    refused_ended: () => 'The gateway accepts the account again.',
    own_network_down: ({ reason }) => `This machine has no network: ${reason}.`,
    own_network_up: () => 'This machine has network again.',
    config_reloaded: ({ added, removed, changed, waitingForRestart }, f) =>
      `${f.number(added)} instances added, ${f.number(removed)} removed, ${f.number(changed)} changed.` +
      (waitingForRestart.length === 0 ? '' : ` Needs a restart of the watchdog: ${waitingForRestart.join(', ')}.`),
    config_reload_failed: ({ problems: [first], problems }, f) =>
      `The config was not reloaded; the one before stays in use. ${first === undefined ? '' : `${first.path}: ${first.message}. ${first.remedy}`}` +
      (problems.length > 1 ? ` (and ${f.number(problems.length - 1)} more)` : ''),
    flapping_began: ({ of, changes, seconds, within }, f) =>
      `${of === null ? 'It went down or came back' : `“${SENTENCES.headings[of].began}” began or ended`} ${f.number(changes)} times within ${f.amount(seconds)}. Messages about that are held back until it has not changed for ${f.amount(within / SECOND)}.`,
    flapping_ended: ({ now }) =>
      ({
        up: 'It stays up.',
        down: 'It stays down.',
        needs_human: 'It needs a human.',
        over: 'It is over.',
        lasting: 'It lasts.',
      })[now],
  },
  next(step, f) {
    switch (step.type) {
      case 'restart':
        return `restarts it: restart ${f.number(step.attempt)} (at most ${f.number(step.budget)} per budget)`;
      case 'held': {
        const end = step.until === null ? '' : ` (until ${f.time(step.until)})`;
        return `restarts it when this ends: ${step.holds.map((hold) => holds[hold]).join(', ')}${end}`;
      }
      case 'wait_for_effect':
        return step.until === null ? 'waits for the effect' : `waits for the effect until ${f.time(step.until)}`;
      case 'only_probe':
        return step.why === 'disabled'
          ? 'goes on probing; its restarts are disabled'
          : 'does not restart it; goes on probing, and notices when it is back';
      case 'nothing':
        return '';
    }
  },
  nextOf: {
    storm: 'restarts one at a time until one of them heals',
    gateway_outage: 'holds all restarts there until the gateway answers',
    harmful: 'holds automatic and planned restarts of the account until a person releases it',
    blind: 'goes on probing, and restarts nothing without evidence',
    silent: 'restarts none of them for its silence',
    refused: 'goes on probing, and restarts nothing there',
    discovery_failed: 'goes on with the instances that it watches, and requests the list again',
    own_network: 'does not count unanswered probes, and restarts nothing',
    config_reload_failed: 'goes on with the previous config',
    state_not_saved: 'tries again, and makes no restart that is not saved',
  },
  parts: MESSAGE_PARTS,
};
