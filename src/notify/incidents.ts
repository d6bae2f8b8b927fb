import type { FleetEvent } from '../core/event.ts';
import { isPaused } from '../core/instance/holds.ts';
import type { InstanceState, Phase } from '../core/instance/instance.ts';
import type { NotifyTopic } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';
import { lineOf } from '../telemetry/log/event-line.ts';
import { PHASE_WORDS } from '../telemetry/log/event-words.ts';
import type { IncidentStage, Notice } from './notice.ts';

/** An instance as it stands when its notifications begin. */
export interface InstanceSnapshot {
  readonly name: string;
  readonly account: string;
  readonly state: InstanceState;
}

/** Who is watched. */
export interface Watching {
  readonly isWatched: (name: string) => boolean;
  readonly isAccount: (name: string) => boolean;
  /** Of whom nothing has been heard yet: everybody at the start, later those who came with a reload. */
  readonly newcomers: Iterable<InstanceSnapshot>;
}

interface Incident {
  readonly since: EpochMs;
  /** What has been told of it, so that nothing is told twice. */
  readonly told: Set<string>;
  latest: Notice;
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
 * Which event belongs to which incident. An incident is told once, however many events it causes: of an instance its
 * beginning, each further stage (down, exhausted, needs_human) once, and its end.
 */
export class Incidents {
  private readonly idPrefix: string;
  private readonly open = new Map<string, Incident>();
  /** Who is down because its gateway is: that is one incident, which is told of already. */
  private readonly explained = new Set<string>();
  private count = 0;

  /** @param idPrefix makes the ids of notices unique beyond this process */
  constructor(idPrefix: string) {
    this.idPrefix = idPrefix;
  }

  /** What there is to tell of an event; mostly nothing. */
  hear(event: FleetEvent): readonly Notice[] {
    switch (event.type) {
      case 'phase_changed':
        return this.phaseChanged(event);
      case 'healed':
      case 'recovered':
        if (this.explained.delete(event.name)) return [];
        return [this.end(event, `instance:${event.name}`, event.type) ?? this.single(event, event.type)];
      case 'paused':
        return this.begin(event, `paused:${event.name}`, 'paused', 'paused');
      case 'unpaused':
        return this.over(event, `paused:${event.name}`, 'paused');
      case 'reset':
        // Judged afresh: what it turns out to be is news again.
        this.open.get(`instance:${event.name}`)?.told.clear();
        return [this.single(event, 'reset')];
      case 'state_not_saved':
        // That no state at all can be used has been told already.
        if (this.open.has(WHOLE_STATE)) return [];
        return this.begin(event, `state:${event.name}`, 'state_not_saved', 'state_not_saved');
      case 'state_saved_again':
        return this.over(event, `state:${event.name}`, 'state_not_saved');
      case 'restart_finished':
        return [this.single(event, 'restart')];
      case 'not_healed':
      case 'decision_failed':
      case 'alert_unmatched':
        return [this.single(event, event.type)];
      default:
        return this.ofMany(event);
    }
  }

  /**
   * Notes what is open already when nobody was listening; nothing is told of it but its end.
   *
   * @param wall what the wall clock shows; it differs from `now` when it has been set
   */
  adopt({ name, account, state }: InstanceSnapshot, now: EpochMs, wall: EpochMs = now): void {
    const topic = topicOf(state);
    if (topic !== null && !this.open.has(`instance:${name}`)) {
      const since = state.failingSince ?? state.since;
      const text = `${name} ${PHASE_WORDS[state.phase]}`;
      const told = topic === 'exhausted' ? ['down', topic] : [topic];
      this.note(`instance:${name}`, topic, since, told, { name, account, text, now });
    }
    const { pause } = state;
    if (pause !== null && isPaused(state, wall) && !this.open.has(`paused:${name}`)) {
      const text = `${name} is paused by ${pause.by}: ${pause.reason}`;
      this.note(`paused:${name}`, 'paused', pause.since, ['paused'], { name, account, text, now });
    }
  }

  /** Forgets the incidents of all who are watched no more, without a word: somebody meant it. */
  keepOnly({ isWatched, isAccount }: Pick<Watching, 'isWatched' | 'isAccount'>): void {
    for (const name of this.explained) if (!isWatched(name)) this.explained.delete(name);
    for (const [key, { latest }] of this.open) {
      const { name, account } = latest;
      const isKept = name === null ? account === null || isAccount(account) : isWatched(name);
      if (!isKept) this.open.delete(key);
    }
  }

  /** The latest notice of every incident that lasts. */
  lasting(): readonly Notice[] {
    return [...this.open.values()].map(({ latest }) => latest);
  }

  /** A reminder of an incident; null when it is over. */
  reminder(key: string, now: EpochMs): Notice | null {
    const incident = this.open.get(key);
    return incident === undefined ? null : { ...incident.latest, id: this.nextId(), stage: 'lasts', at: now };
  }

  private phaseChanged(event: EventOf<'phase_changed'>): readonly Notice[] {
    const key = `instance:${event.name}`;
    const topic = PHASE_TOPICS.get(event.to);
    if (topic === 'down' && !this.open.has(key) && this.open.has(`gateway_outage:${event.account}`)) {
      this.explained.add(event.name);
      return [];
    }
    if (topic !== undefined || event.to === 'suspect' || event.to === 'restarting') this.explained.delete(event.name);
    if (topic !== undefined) return this.begin(event, key, topic, topic);
    // Where no probe had failed, or it is not known to be the same outage, this is the only word of its end.
    return event.to === 'healthy' ? this.over(event, key, 'recovered') : [];
  }

  private ofMany(event: FleetEvent): readonly Notice[] {
    switch (event.type) {
      case 'storm_began':
        return this.begin(event, `storm:${event.account}`, 'storm', 'storm');
      case 'storm_ended':
        return this.over(event, `storm:${event.account}`, 'storm');
      case 'gateway_outage_began':
        return this.begin(event, `gateway_outage:${event.account}`, 'gateway_outage', 'gateway_outage');
      case 'gateway_outage_ended':
        return this.over(event, `gateway_outage:${event.account}`, 'gateway_outage');
      case 'own_network_down':
        return this.begin(event, 'own_network', 'own_network', 'own_network');
      case 'own_network_up':
        return this.over(event, 'own_network', 'own_network');
      case 'state_unusable':
        return this.begin(event, WHOLE_STATE, 'state_not_saved', event.reason);
      case 'state_found':
        return this.over(event, WHOLE_STATE, 'state_not_saved');
      case 'config_reload_failed': {
        // Other problems than those told are news; the file may be saved in vain many times.
        const problems = JSON.stringify(event.problems);
        const told = this.open.get('config')?.told;
        if (told !== undefined && !told.has(problems)) told.clear();
        return this.begin(event, 'config', 'config_reload_failed', problems);
      }
      case 'config_reloaded':
        return [...this.over(event, 'config', 'config_reload_failed'), this.single(event, 'config_reloaded')];
      default:
        return [];
    }
  }

  /** @param stage of the incident that is told once */
  private begin(event: FleetEvent, key: string, topic: NotifyTopic, stage: string): readonly Notice[] {
    const incident = this.open.get(key);
    const notice = this.notice(event, topic, 'began', { key, since: incident?.since ?? sinceOf(event) });
    if (incident === undefined) {
      this.open.set(key, { since: sinceOf(event), told: new Set([stage]), latest: notice });
      return [notice];
    }
    incident.latest = notice;
    if (incident.told.has(stage)) return [];
    incident.told.add(stage);
    return [notice];
  }

  private over(event: FleetEvent, key: string, topic: NotifyTopic): readonly Notice[] {
    const notice = this.end(event, key, topic);
    return notice === null ? [] : [notice];
  }

  private end(event: FleetEvent, key: string, topic: NotifyTopic): Notice | null {
    const incident = this.open.get(key);
    if (incident === undefined) return null;
    this.open.delete(key);
    return this.notice(event, topic, 'ended', { key, since: incident.since });
  }

  private single(event: FleetEvent, topic: NotifyTopic): Notice {
    return this.notice(event, topic, 'happened', { key: null, since: null });
  }

  private notice(
    event: FleetEvent,
    topic: NotifyTopic,
    course: IncidentStage,
    { key, since }: { readonly key: string | null; readonly since: EpochMs | null },
  ): Notice {
    const { level, fields, msg } = lineOf(event);
    // What reproduces a bug is for its report; it is in the log.
    const { event: _, state: __, observation: ___, name: ____, account: _____, ...rest } = fields;
    return {
      id: this.nextId(),
      topic,
      stage: course,
      incident: key,
      at: event.at,
      since,
      level,
      name: 'name' in event ? event.name : null,
      account: 'account' in event ? event.account : null,
      text: msg,
      fields: rest,
    };
  }

  private note(
    key: string,
    topic: NotifyTopic,
    since: EpochMs,
    told: readonly string[],
    about: { readonly name: string; readonly account: string; readonly text: string; readonly now: EpochMs },
  ): void {
    const { name, account, text, now } = about;
    const notice = { topic, stage: 'began', incident: key, at: now, since, name, account, text } as const;
    const latest: Notice = { ...notice, id: this.nextId(), level: 'warn', fields: {} };
    this.open.set(key, { since, told: new Set(told), latest });
  }

  private nextId(): string {
    this.count += 1;
    return `${this.idPrefix}-${this.count}`;
  }
}

/** An outage began with its first failing probe, not when there were enough of them. */
function sinceOf(event: FleetEvent): EpochMs {
  return event.type === 'phase_changed' ? (event.failingSince ?? event.at) : event.at;
}

/** What an instance that was found in this state is an incident of; null: of none. */
function topicOf({ phase, failingSince }: InstanceState): NotifyTopic | null {
  const inRestart = (phase === 'restarting' || phase === 'recovering') && failingSince !== null;
  return inRestart ? 'down' : (PHASE_TOPICS.get(phase) ?? null);
}
