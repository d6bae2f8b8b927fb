import type { FleetEvent } from '../core/event.ts';
import { isPaused } from '../core/instance/holds.ts';
import type { InstanceState, Phase } from '../core/instance/instance.ts';
import type { NotifyTopic } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';
import { PHASE_WORDS } from '../telemetry/log/event-words.ts';
import type { Notice } from './notice.ts';
import { OpenIncidents } from './open-incidents.ts';

/** An instance as it stands when its notifications begin. */
export interface InstanceSnapshot {
  readonly name: string;
  readonly account: string;
  readonly state: InstanceState;
}

/** What is watched. */
export interface Watching {
  readonly isWatched: (name: string) => boolean;
  readonly isAccount: (name: string) => boolean;
  /** Instances without any event so far: all at the start, later those that a reload added. */
  readonly newcomers: Iterable<InstanceSnapshot>;
}

type EventOf<Type extends FleetEvent['type']> = Extract<FleetEvent, { type: Type }>;

const WHOLE_STATE = 'state';

/** Phases that are news, and their topics. */
const PHASE_TOPICS: ReadonlyMap<Phase, NotifyTopic> = new Map([
  ['down', 'down'],
  ['exhausted', 'exhausted'],
  ['needs_human', 'needs_human'],
]);

/**
 * Which event belongs to which incident. However many events an incident causes, its beginning, each further stage
 * (down, exhausted, needs_human) and its end are notified once.
 */
export class Incidents {
  private readonly open: OpenIncidents;
  /** Instances that are down because their gateway is: that is one incident, which was notified already. */
  private readonly explained = new Set<string>();

  /** @param idPrefix makes the ids of notices unique beyond this process */
  constructor(idPrefix: string) {
    this.open = new OpenIncidents(idPrefix);
  }

  /** The latest notice of every incident that lasts. */
  lasting(): readonly Notice[] {
    return this.open.lasting();
  }

  /** A reminder of an incident; null when it is over. */
  reminder(key: string, now: EpochMs): Notice | null {
    return this.open.reminder(key, now);
  }

  /** The notices that an event causes; mostly none. */
  receive(event: FleetEvent): readonly Notice[] {
    switch (event.type) {
      case 'phase_changed':
        return this.phaseChanged(event);
      case 'healed':
      case 'recovered':
        if (this.explained.delete(event.name)) return [];
        return [this.open.end(event, `instance:${event.name}`, event.type) ?? this.open.single(event, event.type)];
      case 'paused':
        return this.open.begin(event, `paused:${event.name}`, 'paused', 'paused');
      case 'unpaused':
        return this.open.over(event, `paused:${event.name}`, 'paused');
      case 'reset':
        // Whatever it turns out to be is news again.
        this.open.renew(`instance:${event.name}`);
        return [this.open.single(event, 'reset')];
      case 'state_not_saved':
        // That no state at all can be used was notified already.
        if (this.open.has(WHOLE_STATE)) return [];
        return this.open.begin(event, `state:${event.name}`, 'state_not_saved', 'state_not_saved');
      case 'state_saved_again':
        return this.open.over(event, `state:${event.name}`, 'state_not_saved');
      case 'restart_finished':
        return [this.open.single(event, 'restart')];
      case 'not_healed':
      case 'decision_failed':
      case 'alert_unmatched':
        return [this.open.single(event, event.type)];
      default:
        return this.ofMany(event);
    }
  }

  /**
   * Notes what was open already when listening began; only its end is notified.
   *
   * @param wall what the wall clock shows; it differs from `now` when it has been set
   */
  adopt({ name, account, state }: InstanceSnapshot, now: EpochMs, wall: EpochMs = now): void {
    const topic = topicOf(state);
    if (topic !== null && !this.open.has(`instance:${name}`)) {
      const since = state.failingSince ?? state.since;
      const text = `${name} ${PHASE_WORDS[state.phase]}`;
      const notified = topic === 'exhausted' ? ['down', topic] : [topic];
      this.open.note(`instance:${name}`, topic, since, notified, { name, account, text, now });
    }
    const { pause } = state;
    if (pause !== null && isPaused(state, wall) && !this.open.has(`paused:${name}`)) {
      const text = `${name} is paused by ${pause.by}: ${pause.reason}`;
      this.open.note(`paused:${name}`, 'paused', pause.since, ['paused'], { name, account, text, now });
    }
  }

  /** Forgets the incidents of everything that is no longer watched, without a notice: the config was changed on purpose. */
  keepOnly({ isWatched, isAccount }: Pick<Watching, 'isWatched' | 'isAccount'>): void {
    for (const name of this.explained) if (!isWatched(name)) this.explained.delete(name);
    this.open.keepOnly(({ name, account }) =>
      name === null ? account === null || isAccount(account) : isWatched(name),
    );
  }

  private phaseChanged(event: EventOf<'phase_changed'>): readonly Notice[] {
    const key = `instance:${event.name}`;
    const topic = PHASE_TOPICS.get(event.to);
    if (topic === 'down' && !this.open.has(key) && this.open.has(`gateway_outage:${event.account}`)) {
      this.explained.add(event.name);
      return [];
    }
    if (topic !== undefined || event.to === 'suspect' || event.to === 'restarting') this.explained.delete(event.name);
    if (topic !== undefined) return this.open.begin(event, key, topic, topic);
    // Where no probe had failed, or it may be another outage, no other event ends it.
    return event.to === 'healthy' ? this.open.over(event, key, 'recovered') : [];
  }

  private ofMany(event: FleetEvent): readonly Notice[] {
    switch (event.type) {
      case 'storm_began':
        return this.open.begin(event, `storm:${event.account}`, 'storm', 'storm');
      case 'storm_ended':
        return this.open.over(event, `storm:${event.account}`, 'storm');
      case 'gateway_outage_began':
        return this.open.begin(event, `gateway_outage:${event.account}`, 'gateway_outage', 'gateway_outage');
      case 'gateway_outage_ended':
        return this.open.over(event, `gateway_outage:${event.account}`, 'gateway_outage');
      case 'own_network_down':
        return this.open.begin(event, 'own_network', 'own_network', 'own_network');
      case 'own_network_up':
        return this.open.over(event, 'own_network', 'own_network');
      case 'state_unusable':
        return this.open.begin(event, WHOLE_STATE, 'state_not_saved', event.reason);
      case 'state_found':
        return this.open.over(event, WHOLE_STATE, 'state_not_saved');
      case 'config_reload_failed': {
        // Only other problems than before are news; the file may be saved in vain many times.
        const problems = JSON.stringify(event.problems);
        if (!this.open.wasNotified('config', problems)) this.open.renew('config');
        return this.open.begin(event, 'config', 'config_reload_failed', problems);
      }
      case 'config_reloaded':
        return [...this.open.over(event, 'config', 'config_reload_failed'), this.open.single(event, 'config_reloaded')];
      default:
        return [];
    }
  }
}

/** The topic of an instance that is found in this state; null: none. */
function topicOf({ phase, failingSince }: InstanceState): NotifyTopic | null {
  const inRestart = (phase === 'restarting' || phase === 'recovering') && failingSince !== null;
  return inRestart ? 'down' : (PHASE_TOPICS.get(phase) ?? null);
}
