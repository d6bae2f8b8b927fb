import { describe, expect, it } from 'vitest';
import type { FleetEvent, InstanceEvent } from '../core/event.ts';
import { newInstance, type InstanceState, type Phase } from '../core/instance/instance.ts';
import type { Cause } from '../core/verdict.ts';
import { Incidents } from './incidents.ts';
import type { Notice } from './notice.ts';

const about = { at: 100_000, name: 'support', account: 'acme' };

function enters(to: Phase, cause: Cause = 'disconnected', from: Phase = 'suspect'): FleetEvent {
  return { ...about, type: 'phase_changed', from, to, cause, detail: null, failures: 3, failingSince: 40_000 };
}
const of = (event: InstanceEvent): FleetEvent => ({ ...about, ...event });
const healed = of({ type: 'healed', trigger: 'failure', attempt: 1, secondsToHeal: 5, downSeconds: 60 });
const recovered = of({ type: 'recovered', downSeconds: 60 });

/** The notices of some events, as `topic stage`. */
function noticesOf(incidents: Incidents, ...events: FleetEvent[]): string[] {
  return events.flatMap((event) => incidents.receive(event)).map(({ topic, stage }) => `${topic} ${stage}`);
}

const fresh = (): Incidents => new Incidents('process');

describe('the incident of an instance', () => {
  it('is notified when it begins and when it is over, whatever happens in between', () => {
    const events = [
      enters('suspect'),
      enters('down'),
      enters('restarting'),
      enters('recovering'),
      of({ type: 'not_healed', attempt: 1, cause: 'disconnected' }),
      enters('down'),
      enters('down'),
      healed,
      enters('healthy', 'connected', 'recovering'),
    ];
    expect(noticesOf(fresh(), ...events)).toEqual(['down began', 'not_healed happened', 'healed ended']);
  });

  it('notifies each further stage once, although it may be left and entered again', () => {
    const events = [
      enters('down'),
      enters('exhausted'),
      enters('down'),
      enters('exhausted'),
      enters('needs_human', 'pairing_required'),
      enters('down'),
      enters('needs_human', 'pairing_required'),
      recovered,
    ];
    const expected = ['down began', 'exhausted began', 'needs_human began', 'recovered ended'];
    expect(noticesOf(fresh(), ...events)).toEqual(expected);
  });

  it('begins again after its end', () => {
    const incidents = fresh();
    const round = ['down began', 'healed ended'];
    expect(noticesOf(incidents, enters('down'), healed, enters('down'), healed)).toEqual([...round, ...round]);
  });

  it('ends with health, even where nothing is said to have healed or recovered', () => {
    const events = [enters('needs_human', 'unauthorized'), enters('healthy', 'connected', 'needs_human')];
    expect(noticesOf(fresh(), ...events)).toEqual(['needs_human began', 'recovered ended']);
    expect(noticesOf(fresh(), enters('suspect'), enters('healthy', 'connected'))).toEqual([]);
  });

  it('counts from its first failing probe', () => {
    const incidents = fresh();
    const [began] = incidents.receive(enters('down'));
    const [ended] = incidents.receive(recovered);
    expect([began?.since, ended?.since]).toEqual([40_000, 40_000]);
  });

  it('is notified again when the instance was reset and is still down', () => {
    const reset = of({ type: 'reset', by: 'api', attempts: 5 });
    const events = [enters('down'), enters('exhausted'), reset, enters('unknown'), enters('down'), healed];
    const expected = ['down began', 'exhausted began', 'reset happened', 'down began', 'healed ended'];
    expect(noticesOf(fresh(), ...events)).toEqual(expected);
  });

  it('has no end where it has no beginning: a planned restart heals', () => {
    expect(noticesOf(fresh(), healed)).toEqual(['healed happened']);
  });
});

describe('other incidents', () => {
  it('of an account, of our own network and of pauses begin and end', () => {
    const at = 0;
    const events: FleetEvent[] = [
      { at, account: 'acme', type: 'storm_began', sick: 9, allowed: 4, watched: 10 },
      { at, account: 'acme', type: 'storm_paced' },
      { at, account: 'acme', type: 'storm_ended', quietUntil: null },
      { at, account: 'acme', type: 'gateway_outage_began', unreachable: 9, watched: 10 },
      { at, account: 'acme', type: 'gateway_outage_ended' },
      { at, type: 'own_network_down', reason: 'nothing answers' },
      { at, type: 'own_network_up' },
      of({ type: 'paused', reason: 'new phone', by: 'api', until: null }),
      of({ type: 'unpaused', by: null }),
    ];
    const topics = ['storm', 'gateway_outage', 'own_network', 'paused'];
    expect(noticesOf(fresh(), ...events)).toEqual(topics.flatMap((topic) => [`${topic} began`, `${topic} ended`]));
  });

  it('a config that stays bad is notified once, unless it is bad in another way', () => {
    const bad = (message: string): FleetEvent => ({
      at: 0,
      type: 'config_reload_failed',
      reason: 'files',
      problems: [{ file: 'config.yaml', line: 1, column: 1, path: '', message, remedy: 'Mend it.' }],
    });
    const good: FleetEvent = {
      ...{ at: 0, type: 'config_reloaded', reason: 'files' },
      ...{ added: 0, removed: 0, changed: 0, changedAccounts: 0, waitingForRestart: [] },
    };
    const began = 'config_reload_failed began';
    const expected = [began, began, 'config_reload_failed ended', 'config_reloaded happened'];
    expect(noticesOf(fresh(), bad('one'), bad('one'), bad('two'), bad('two'), good)).toEqual(expected);
  });

  it('a disk that stays full is notified once for each instance', () => {
    const full = of({ type: 'state_not_saved', reason: 'disk full', restartGivenUp: false } as never);
    const saved = of({ type: 'state_saved_again' } as never);
    expect(noticesOf(fresh(), full, full, full, saved)).toEqual(['state_not_saved began', 'state_not_saved ended']);
  });

  it('a state that cannot be used at all is one incident, and not one for each instance', () => {
    const unusable = (reason: string): FleetEvent => ({
      at: 90_000,
      type: 'state_unusable',
      reason,
      soughtAgain: true,
    });
    const full = of({ type: 'state_not_saved', reason: 'disk full', restartGivenUp: true } as never);
    const saved = of({ type: 'state_saved_again' } as never);
    const found: FleetEvent = { at: 99_000, type: 'state_found', instances: 2 };
    const began = 'state_not_saved began';
    const ended = 'state_not_saved ended';
    const incidents = fresh();
    expect(noticesOf(incidents, unusable('full'), full, unusable('full'), unusable('locked'))).toEqual([began, began]);
    expect(noticesOf(incidents, found, saved, full, saved)).toEqual([ended, began, ended]);
  });
});

describe('the outage of a gateway', () => {
  const began: FleetEvent = { at: 90_000, account: 'acme', type: 'gateway_outage_began', unreachable: 8, watched: 9 };
  const ended: FleetEvent = { at: 200_000, account: 'acme', type: 'gateway_outage_ended' };
  const outage = ['gateway_outage began', 'gateway_outage ended'];

  it('is one incident, and not one for each instance that is down because of it', () => {
    const events = [began, enters('down', 'timeout'), recovered, enters('healthy', 'connected', 'down'), ended];
    expect(noticesOf(fresh(), ...events)).toEqual(outage);
  });

  it('does not hide instances that are down after it, before it, in another account or for another reason', () => {
    const after = [began, enters('down'), ended, enters('suspect', 'timeout', 'down'), enters('down'), healed];
    expect(noticesOf(fresh(), ...after)).toEqual([...outage, 'down began', 'healed ended']);
    const before = [enters('down'), began, enters('down'), recovered, ended];
    expect(noticesOf(fresh(), ...before)).toEqual(['down began', 'gateway_outage began', 'recovered ended', outage[1]]);
    const elsewhere = [{ ...began, account: 'other' }, enters('down'), recovered];
    expect(noticesOf(fresh(), ...elsewhere)).toEqual([outage[0], 'down began', 'recovered ended']);
    const human = [began, enters('down'), enters('needs_human', 'banned', 'down'), recovered, ended];
    expect(noticesOf(fresh(), ...human)).toEqual([outage[0], 'needs_human began', 'recovered ended', outage[1]]);
  });
});

describe('what was there before the start', () => {
  const state = (phase: Phase, more: Partial<InstanceState> = {}): InstanceState => ({
    ...newInstance(1, 5_000),
    phase,
    ...more,
  });
  const adopted = (found: InstanceState, wall?: number): Incidents => {
    const incidents = fresh();
    incidents.adopt({ name: 'support', account: 'acme', state: found }, 50_000, wall);
    return incidents;
  };

  it('is not notified again, but its end and its further stages are', () => {
    expect(noticesOf(adopted(state('down')), enters('down'), healed)).toEqual(['healed ended']);
    expect(noticesOf(adopted(state('down')), enters('exhausted'), healed)).toEqual(['exhausted began', 'healed ended']);
    expect(noticesOf(adopted(state('exhausted')), enters('down'), enters('exhausted'), recovered)).toEqual([
      'recovered ended',
    ]);
    expect(noticesOf(adopted(state('recovering', { failingSince: 1_000 })), healed)).toEqual(['healed ended']);
    expect(noticesOf(adopted(state('recovering')), healed)).toEqual(['healed happened']);
  });

  it('goes for pauses, too, if they are not over', () => {
    const pause = { reason: 'new phone', by: 'api', since: 1_000, until: null };
    const end = of({ type: 'unpaused', by: 'api' });
    expect(noticesOf(adopted(state('healthy', { pause })), end)).toEqual(['paused ended']);
    const until40 = state('healthy', { pause: { ...pause, until: 40_000 } });
    expect(noticesOf(adopted(until40), end)).toEqual([]);
    // The clock was set back since.
    expect(noticesOf(adopted(until40, 39_999), end)).toEqual(['paused ended']);
  });

  it('is kept when it is found a second time', () => {
    const incidents = fresh();
    incidents.receive(enters('down'));
    const before = incidents.lasting();
    incidents.adopt({ name: 'support', account: 'acme', state: state('down') }, 50_000);
    expect(incidents.lasting()).toEqual(before);
  });
});

describe('a notice', () => {
  it('says what the log says, with an id of its own', () => {
    const incidents = fresh();
    const [first] = incidents.receive(enters('needs_human', 'pairing_required'));
    const [second] = incidents.receive(recovered);
    expect(first).toMatchObject({
      id: 'process-1',
      name: 'support',
      account: 'acme',
      level: 'warn',
    } satisfies Partial<Notice>);
    expect(first?.text).toContain('scan the QR code');
    expect(first?.fields).toMatchObject({ cause: 'pairing_required', to: 'needs_human' });
    expect(second?.id).toBe('process-2');
  });

  it('holds nothing of what reproduces a bug', () => {
    const secret = 'do not show';
    const event = of({ type: 'decision_failed', reason: 'bug', state: { secret }, observation: { secret } } as never);
    expect(JSON.stringify(fresh().receive(event))).not.toContain(secret);
  });

  it('is forgotten, without a notice, when its instance or account is no longer watched', () => {
    const incidents = fresh();
    incidents.receive(enters('down'));
    incidents.receive({ at: 0, account: 'acme', type: 'gateway_outage_began', unreachable: 9, watched: 10 });
    incidents.receive({ at: 0, type: 'own_network_down', reason: 'nothing answers' });
    incidents.keepOnly({ isWatched: (name) => name === 'another', isAccount: (name) => name === 'acme' });
    expect(incidents.lasting().map(({ topic }) => topic)).toEqual(['gateway_outage', 'own_network']);
    incidents.keepOnly({ isWatched: (name) => name === 'another', isAccount: (name) => name === 'other' });
    expect(incidents.lasting().map(({ topic }) => topic)).toEqual(['own_network']);
    expect(incidents.reminder('instance:support', 0)).toBeNull();
  });
});
