import type { AboutAccount, AccountEvent, EventOf, FleetEvent, InstanceFleetEvent, SilenceEnd } from '../core/event.ts';
import { isBlind, type InstanceState } from '../core/instance/instance.ts';
import type { EpochMs } from '../core/time.ts';
import { verdictOf } from '../core/verdict.ts';
import type { Ending, Incident, IncidentKind } from './incident.ts';

/** What is said of an instance when the watch over it begins. */
export interface Watched {
  readonly name: string;
  readonly account: { readonly name: string };
  readonly state: InstanceState;
}

const BY_ITSELF: Ending = { endedBy: 'by_itself', trigger: null };
/** A restart during a silence may have helped, but what shows it is the sign of life. */
const SILENCE_ENDS: Readonly<Record<SilenceEnd, Ending>> = {
  activity: { endedBy: 'sign_of_life', trigger: null },
  reset: { endedBy: 'release', trigger: null },
  not_expected: { endedBy: 'no_longer_watched', trigger: null },
};
const ACCOUNT_KINDS: Readonly<Record<string, IncidentKind>> = {
  storm: 'storm',
  gateway_outage: 'gateway_outage',
  harmful: 'harmful',
  refused: 'refused',
  blind: 'account_blind',
  silent: 'account_silent',
};
const OWN_NETWORK = '';

/** Makes incidents of events: those that last, and, as they end, those that are over. */
export class IncidentWatch {
  private readonly open = new Map<string, Incident>();
  private readonly onEnd: (incident: Incident) => void;

  /** @param onEnd receives each incident once it is over */
  constructor(onEnd: (incident: Incident) => void) {
    this.onEnd = onEnd;
  }

  /** Those that last, the longest first. */
  lasting(): readonly Incident[] {
    return [...this.open.values()].sort((one, other) => one.began - other.began);
  }

  /** An instance that was in trouble already when the watch began. */
  adopt({ name, account, state }: Watched): void {
    const began = state.failingSince ?? state.since;
    const kind = kindOf(state);
    const restartsSince = (since: EpochMs): number => state.history.filter(({ at }) => at >= since).length;
    if (kind !== null) {
      this.begin(`i:${name}`, { kind, name, account: account.name, cause: state.cause, began });
      this.change(`i:${name}`, { restarts: restartsSince(began) });
    }
    const silentSince = state.silence?.since ?? null;
    if (silentSince !== null) {
      this.begin(`s:${name}`, { kind: 'silent', name, account: account.name, cause: 'silent', began: silentSince });
      this.change(`s:${name}`, { restarts: restartsSince(silentSince) });
    }
    if (!isBlind(state)) return;
    const since = state.inconclusive?.since ?? state.since;
    this.begin(`b:${name}`, { kind: 'blind', name, account: account.name, cause: null, began: since });
  }

  /** Ends the incidents of what is no longer watched. */
  keepOnly(isWatched: (name: string) => boolean, isAccount: (name: string) => boolean, now: EpochMs): void {
    for (const [key, { name, account }] of this.open) {
      const stays = name === null ? account === null || isAccount(account) : isWatched(name);
      if (!stays) this.end(key, now, { endedBy: 'no_longer_watched', trigger: null });
    }
  }

  receive(event: FleetEvent): void {
    if (event.type === 'list_finished') return;
    if (event.type === 'probe_finished') {
      // Cheap, because mostly nothing is open.
      if (this.open.size > 0 && verdictOf(event.cause) !== 'inconclusive')
        this.end(`b:${event.name}`, event.at, BY_ITSELF);
    } else if ('name' in event) this.ofInstance(event);
    else if ('account' in event) this.ofAccount(event);
    else if (event.type === 'own_network_down') {
      this.begin(OWN_NETWORK, { kind: 'own_network', name: null, account: null, cause: null, began: event.at });
    } else if (event.type === 'own_network_up') this.end(OWN_NETWORK, event.at, BY_ITSELF);
  }

  private ofInstance(event: InstanceFleetEvent): void {
    const { name, account, at } = event;
    const key = `i:${name}`;
    switch (event.type) {
      case 'phase_changed':
        this.phaseChanged(event);
        break;
      case 'cause_changed':
        this.change(key, { cause: event.cause });
        break;
      case 'restart_started':
        for (const each of [key, `s:${name}`])
          this.change(each, { restarts: (this.open.get(each)?.restarts ?? 0) + 1 });
        break;
      case 'healed':
        this.end(key, at, { endedBy: 'restart', trigger: event.trigger });
        break;
      case 'recovered':
        this.end(key, at, BY_ITSELF);
        break;
      case 'answers_missing':
        this.begin(`b:${name}`, { kind: 'blind', name, account, cause: event.cause, began: event.since });
        break;
      case 'silence_began':
        this.begin(`s:${name}`, { kind: 'silent', name, account, cause: 'silent', began: event.since });
        break;
      case 'silence_ended':
        this.end(`s:${name}`, at, SILENCE_ENDS[event.why]);
        break;
      default:
    }
  }

  private phaseChanged({ name, account, at, to, cause, failingSince }: EventOf<'phase_changed'>): void {
    const key = `i:${name}`;
    const kind = to === 'needs_human' ? 'needs_human' : to === 'down' || to === 'exhausted' ? 'down' : null;
    if (kind !== null) {
      this.begin(key, { kind, name, account, cause, began: failingSince ?? at });
      this.change(key, { kind, cause });
    } else if (to === 'healthy' || to === 'unknown') this.end(key, at, BY_ITSELF);
  }

  private ofAccount(event: AboutAccount & AccountEvent): void {
    const [, word = '', stage] = /^(.*)_(began|ended)$/.exec(event.type) ?? [];
    const kind = ACCOUNT_KINDS[word];
    if (kind === undefined) return;
    const key = `a:${word}:${event.gateway?.origin ?? event.account}`;
    if (stage === 'began') {
      const cause = 'cause' in event ? event.cause : null;
      this.begin(key, { kind, name: null, account: event.account, cause, began: event.at });
    } else this.end(key, event.at, event.type === 'harmful_ended' ? { endedBy: 'release', trigger: null } : BY_ITSELF);
  }

  private begin(key: string, about: Pick<Incident, 'kind' | 'name' | 'account' | 'cause' | 'began'>): void {
    if (this.open.has(key)) return;
    this.open.set(key, { ...about, ended: null, endedBy: null, trigger: null, restarts: 0 });
  }

  private change(key: string, changes: Partial<Pick<Incident, 'kind' | 'cause' | 'restarts'>>): void {
    const incident = this.open.get(key);
    if (incident !== undefined) this.open.set(key, { ...incident, ...changes });
  }

  private end(key: string, at: EpochMs, ending: Ending): void {
    const incident = this.open.get(key);
    if (incident === undefined) return;
    this.open.delete(key);
    this.onEnd({ ...incident, ...ending, ended: at });
  }
}

function kindOf({ phase, failingSince }: InstanceState): IncidentKind | null {
  if (phase === 'needs_human') return 'needs_human';
  if (phase === 'down' || phase === 'exhausted') return 'down';
  return (phase === 'restarting' || phase === 'recovering') && failingSince !== null ? 'down' : null;
}
