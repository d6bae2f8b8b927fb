import { isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import { SECOND } from '../../core/time.ts';
import type { Cause } from '../../core/verdict.ts';
import { amount, because, listRemedy, listTrouble, placeOf, sentences, whereOf, withRemedy } from './event-words.ts';
import { error, info, warn, type Lines } from './log-line.ts';

/** What to do about these depends on what each answer says. */
const OF_EACH_ANSWER: ReadonlySet<Cause> = new Set<Cause>(['unknown_state', 'unreadable']);
const LOOK_AT_ANSWERS = 'Look at the last probe of each: what it was answered says what to do.';

const LOOK_AT_WEBHOOKS =
  'None of them is restarted for its silence. First check the webhooks of the gateway, or your bot: they must report messages to the watchdog.';

/** What the events of an account, or of a gateway, are logged as. */
export const GROUP_LINES = {
  storm_began(event) {
    const { sick, watched, allowed } = event;
    const msg = `storm: ${sick} of ${watched} instances of ${placeOf(event)} are failing, more than ${allowed}. Restarts go one at a time until one of them heals. Look for a common cause.`;
    return warn(msg, whereOf(event));
  },
  storm_paced: (event) =>
    info(
      `storm: a restart healed an instance of ${placeOf(event)}, so the others are restarted within its limits`,
      whereOf(event),
    ),
  storm_ended(event) {
    const end = isoTimeOrNull(event.quietUntil);
    const pause = end === null ? '' : `; no restart before ${end}`;
    return info(`storm: over in ${placeOf(event)}${pause}`, { ...whereOf(event), quietUntil: null, until: end });
  },
  gateway_outage_began(event) {
    const { unreachable, watched, byHealthRoute } = event;
    const some = `${unreachable} of ${watched} instances of ${placeOf(event)}`;
    const why =
      byHealthRoute === true
        ? `${some} fail, but the health route of the gateway (healthPath) does`
        : `${some} fail as they do when the gateway itself is down`;
    const msg = `gateway outage: ${why}. All their restarts are held. Check the gateway.`;
    return warn(msg, whereOf(event));
  },
  gateway_outage_ended: (event) =>
    info(
      `gateway outage: over in ${placeOf(event)}; what still fails must reach its failure threshold again`,
      whereOf(event),
    ),
  harmful_began(event) {
    const { harmed, gateway } = event;
    const seconds = event.within / SECOND;
    const held =
      gateway === undefined
        ? 'the account are held until a person releases it'
        : 'its accounts are held until a person releases one of them';
    const msg =
      `restarts do harm: after ${harmed} of them within ${amount(seconds)}, instances of ${placeOf(event)} need a human that did not before. ` +
      `All automatic and planned restarts of ${held}. First find out why restarts cost the pairing.`;
    return error(msg, { within: seconds, ...whereOf(event) });
  },
  restart_method_found: ({ account, method }) =>
    info(`${account}: the gateway accepts restarts by ${method}, which is remembered and used from now on`),
  list_finished: ({ account, names, seconds }) => ({
    level: 'debug',
    fields: { names: null, causes: null, startedAt: null, confirmed: names.length },
    msg: `the list of ${account} confirms ${names.length} instances, after ${amount(seconds)}`,
  }),
  bulk_failed({ account, cause, detail }, remedyOf) {
    const msg = `bulk: the list of ${account} cannot take the place of probes${because(cause, detail, ': ')}; its instances are probed one by one`;
    return withRemedy(warn(msg), remedyOf(cause, detail));
  },
  bulk_works: ({ account }) => info(`bulk: the list of ${account} takes the place of probes again`),
  instances_discovered({ account, added, removed, unusable }) {
    const left = unusable === 0 ? '' : `; ${unusable} entries of the list cannot be watched`;
    return info(`discovery: ${added} instances of ${account} came, ${removed} went${left}`);
  },
  discovery_failed_began(event, remedyOf) {
    const msg = `discovery: the list of ${event.account} is not followed, and all stays as it is: ${listTrouble(event)}`;
    return withRemedy(warn(msg), listRemedy(event, remedyOf));
  },
  discovery_failed_ended: ({ account }) => info(`discovery: the list of ${account} is followed again`),
  harmful_ended: (event) => info(`restarts of ${placeOf(event)} were released by ${event.by}`, whereOf(event)),
  blind_began({ account, blind, watched, cause }, remedyOf) {
    const remedy = cause !== null && OF_EACH_ANSWER.has(cause) ? LOOK_AT_ANSWERS : remedyOf(cause);
    const why = cause === null ? '' : `: ${cause}`;
    const msg = `blind: nothing is known of ${blind} of ${watched} instances of ${account}, because their answers are not conclusive${why}`;
    return withRemedy(error(msg), remedy);
  },
  blind_ended: ({ account }) => info(`blind: over in ${account}; most answers are conclusive again`),
  silent_began({ account, silent, expected }) {
    const msg = `silent: ${silent} of ${expected} instances of ${account} show no sign of life at the same time`;
    return warn(sentences(msg, LOOK_AT_WEBHOOKS));
  },
  silent_ended: ({ account }) => info(`silent: over in ${account}; most instances show life again`),
  refused_began({ account, cause, refused, watched }, remedyOf) {
    const msg = `refused: the gateway refuses ${refused} of ${watched} instances of ${account} for the same reason: ${cause}`;
    return withRemedy(error(msg), remedyOf(cause));
  },
  refused_ended: ({ account }) => info(`refused: over in ${account}`),
} satisfies Partial<Lines>;
