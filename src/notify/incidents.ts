import type { AboutAccount, AccountEvent, EventOf, FleetEvent } from '../core/event.ts';
import { GROUP_TOPICS } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';
import { foundIncidents, PHASE_TOPICS, stageOf, type InstanceSnapshot } from './found-incidents.ts';
import type { Notice } from './notice.ts';
import { OpenIncidents } from './open-incidents.ts';

/** What is watched. */
export interface Watching {
  readonly isWatched: (name: string) => boolean;
  readonly isAccount: (name: string) => boolean;
  /** Instances without any event so far: all at the start, later those that a reload added. */
  readonly newcomers: Iterable<InstanceSnapshot>;
  /** What is held because restarts did harm, which outlives the process. */
  readonly harmful: Iterable<EventOf<'harmful_began'>>;
}

type TroubleEvent = EventOf<'phase_changed' | 'cause_changed'>;

const WHOLE_STATE = 'state';

/** What affects accounts, with events that end in `_began` and `_ended`. */
const ACCOUNT_TOPICS = [...GROUP_TOPICS, 'harmful'] as const;

/**
 * Which event belongs to which incident. However many events an incident causes, its beginning, each further stage
 * (down, exhausted, needs_human) and its end are notified once.
 */
export class Incidents {
  /** Those that last: their latest notices, and reminders of them. */
  readonly open: OpenIncidents;
  /**
   * Instances whose trouble is their gateway's or their account's, and the event of it: that is one incident, which was
   * notified already.
   */
  private readonly explained = new Map<string, TroubleEvent>();
  /** Instances that became silent while most of their account were: that is one incident, which was notified already. */
  private readonly silentTogether = new Map<string, EventOf<'silence_began'>>();
  /** The accounts of each outage of a gateway. */
  private readonly outages = new Map<string, ReadonlySet<string>>();

  /** The same arguments as those of {@link OpenIncidents}. */
  constructor(...of: ConstructorParameters<typeof OpenIncidents>) {
    this.open = new OpenIncidents(...of);
  }

  /** The notices that an event causes; mostly none. */
  receive(event: FleetEvent): readonly Notice[] {
    switch (event.type) {
      case 'phase_changed':
        return this.phaseChanged(event);
      case 'healed':
      case 'recovered': {
        const wasExplained = this.explained.delete(event.name);
        const ended = this.open.end(event, `instance:${event.name}`, event.type);
        if (ended === null && wasExplained) return [];
        return [ended ?? this.open.single(event, event.type)];
      }
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
      case 'cause_changed':
        if (this.isExplained(event)) return [];
        this.explained.delete(event.name);
        return this.open.begin(event, `instance:${event.name}`, 'needs_human', stageOf(event.cause));
      case 'not_healed':
        this.open.update(event, `instance:${event.name}`);
        return [this.open.single(event, event.type)];
      case 'silence_began':
        return this.silenceBegan(event);
      case 'silence_ended':
        this.silentTogether.delete(event.name);
        return this.open.over(event, `silence:${event.name}`, 'silent');
      case 'escalated':
      case 'restart_harmed':
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
  adopt(instance: InstanceSnapshot, now: EpochMs, wall: EpochMs = now): void {
    for (const found of foundIncidents(instance, now, wall)) if (!this.open.has(found.key)) this.open.note(found);
  }

  /** The same for what is held because restarts did harm. */
  adoptHarm(event: EventOf<'harmful_began'>): void {
    if (!this.open.has(keyOf(event, 'harmful'))) this.ofAccount(event);
  }

  /**
   * Instances of an account whose trouble is over, and that still have it: they need a human because they were refused
   * with it, or are silent as most of it were. Nobody was notified of them one by one.
   */
  leftBehind(account: string, now: EpochMs): readonly Notice[] {
    const silent = [...this.silentTogether.values()].filter((event) => event.account === account);
    const stillSilent = silent.flatMap((event) => this.silenceBegan({ ...event, at: now }));
    const left = [...this.explained.values()].filter(
      (event) => event.account === account && needsHuman(event) && !this.isRefused(event),
    );
    const stillRefused = left.flatMap((event) => {
      this.explained.delete(event.name);
      const began = { ...event, at: now };
      return this.open.begin(began, `instance:${event.name}`, 'needs_human', stageOf(event.cause));
    });
    return [...stillRefused, ...stillSilent];
  }

  /** Forgets the incidents of everything that is no longer watched, without a notice: the config was changed on purpose. */
  keepOnly({ isWatched, isAccount }: Pick<Watching, 'isWatched' | 'isAccount'>): void {
    for (const known of [this.explained, this.silentTogether]) {
      for (const name of known.keys()) if (!isWatched(name)) known.delete(name);
    }
    this.open.keepOnly(({ name, accounts }) =>
      name === null ? accounts.length === 0 || accounts.some(isAccount) : isWatched(name),
    );
    for (const key of this.outages.keys()) if (!this.open.has(key)) this.outages.delete(key);
  }

  /** While most of its account are silent, that is one incident. */
  private silenceBegan(event: EventOf<'silence_began'>): readonly Notice[] {
    if (this.open.has(`silent:${event.account}`)) {
      this.silentTogether.set(event.name, event);
      return [];
    }
    this.silentTogether.delete(event.name);
    return this.open.begin(event, `silence:${event.name}`, 'silent', 'silent');
  }

  private phaseChanged(event: EventOf<'phase_changed'>): readonly Notice[] {
    const { name, to, cause } = event;
    const key = `instance:${name}`;
    const topic = PHASE_TOPICS.get(to);
    if (this.isExplained(event)) return [];
    if (topic !== undefined || to === 'suspect' || to === 'unknown' || to === 'restarting') this.explained.delete(name);
    if (topic === 'needs_human') return this.open.begin(event, key, topic, stageOf(cause));
    if (topic !== undefined) return this.open.begin(event, key, topic, topic);
    // Where no probe had failed, or it may be another outage, no other event ends it.
    if (to !== 'healthy') return [];
    this.explained.delete(name);
    return this.open.over(event, key, 'recovered');
  }

  /** Whether an instance begins to be in trouble for the reason that most others of its account or gateway are. */
  private isExplained(event: TroubleEvent): boolean {
    const { name, account } = event;
    const key = `instance:${name}`;
    const isDown = event.type === 'phase_changed' && event.to === 'down' && !this.open.has(key);
    const isOutage = isDown && [...this.outages.values()].some((accounts) => accounts.has(account));
    if (!isOutage && !this.isRefused(event)) return false;
    this.explained.set(name, event);
    // It may have been in another trouble before.
    this.open.update(event, key);
    return true;
  }

  /** Whether an instance needs a human because its whole account is refused. */
  private isRefused(event: TroubleEvent): boolean {
    return needsHuman(event) && this.open.wasNotified(`refused:${event.account}`, String(event.cause));
  }

  /** What affects an account, or all accounts of a gateway. */
  private ofAccount(event: AboutAccount & AccountEvent): readonly Notice[] {
    const topic = ACCOUNT_TOPICS.find((each) => event.type === `${each}_began` || event.type === `${each}_ended`);
    if (topic === undefined) return [];
    const key = keyOf(event, topic);
    if (event.type !== `${topic}_began`) {
      if (topic === 'gateway_outage') this.outages.delete(key);
      // It may have begun when this replica was the one that notifies.
      return this.open.over(event, key, topic);
    }
    if (topic === 'gateway_outage') this.outages.set(key, new Set(event.gateway?.accounts ?? [event.account]));
    if (event.gateway?.notifiedElsewhere === true) return [];
    return this.open.begin(event, key, topic, event.type === 'refused_began' ? event.cause : topic);
  }

  private ofMany(event: FleetEvent): readonly Notice[] {
    switch (event.type) {
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
      case 'list_finished':
        return [];
      default:
        return 'account' in event && !('name' in event) ? this.ofAccount(event) : [];
    }
  }
}

function keyOf({ gateway, account }: AboutAccount, topic: (typeof ACCOUNT_TOPICS)[number]): string {
  return `${topic}:${gateway?.origin ?? account}`;
}

function needsHuman(event: TroubleEvent): boolean {
  return event.type === 'cause_changed' || event.to === 'needs_human';
}
