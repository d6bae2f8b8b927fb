import { describe, expect, it } from 'vitest';
import type { FleetEvent, InstanceEvent } from '../core/event.ts';
import { newInstance, type InstanceState, type Phase } from '../core/instance/instance.ts';
import type { Cause, NeedsHumanCause } from '../core/verdict.ts';
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

describe('an instance that needs a human', () => {
  const changes = (cause: NeedsHumanCause, from: Cause | null = 'pairing_required'): FleetEvent =>
    of({ type: 'cause_changed', phase: 'needs_human', from, cause, detail: null });

  it('for another reason than before is news, once for each reason', () => {
    const events = [
      enters('needs_human', 'pairing_required'),
      changes('banned'),
      changes('pairing_required', 'banned'),
      changes('banned'),
      recovered,
    ];
    const began = 'needs_human began';
    expect(noticesOf(fresh(), ...events)).toEqual([began, began, 'recovered ended']);
    expect(noticesOf(fresh(), enters('needs_human', 'banned'), changes('unauthorized', 'banned'))).toHaveLength(2);
  });

  it('is reminded of with today’s reason, although the reason is no news', () => {
    const incidents = fresh();
    for (const event of [enters('needs_human', 'pairing_required'), changes('banned'), changes('pairing_required')]) {
      incidents.receive(event);
      const cause = 'cause' in event ? event.cause : '';
      expect(incidents.open.reminder('instance:support', 7)).toMatchObject({
        at: 7,
        stage: 'lasts',
        fields: { cause },
      });
    }
  });

  it('after it was down is the same incident, from its first failing probe on', () => {
    const incidents = fresh();
    incidents.receive(enters('down'));
    const [notice] = incidents.receive(enters('needs_human', 'banned', 'down'));
    expect(notice).toMatchObject({ topic: 'needs_human', incident: 'instance:support', since: 40_000 });
  });

  it('since its restart is notified as harm as well', () => {
    const harmed = of({ type: 'restart_harmed', trigger: 'failure', attempt: 1, cause: 'pairing_required' });
    const events = [enters('down'), harmed, enters('needs_human', 'pairing_required', 'recovering'), recovered];
    const expected = ['down began', 'restart_harmed happened', 'needs_human began', 'recovered ended'];
    expect(noticesOf(fresh(), ...events)).toEqual(expected);
    expect(fresh().receive(harmed)[0]).toMatchObject({ level: 'error', incident: null, name: 'support' });
  });
});

describe('what is held because of harm when notifications begin', () => {
  it.each([
    ['an account', {}],
    ['a gateway', { gateway: { origin: 'https://g.example', accounts: ['acme', 'beta'] } }],
  ])('is not announced, but reminded of, and its end is notified: of %s', (_what, where) => {
    const incidents = fresh();
    const place = { account: 'acme', ...where };
    const began = { at: 5, ...place, type: 'harmful_began', harmed: 2, within: 86_400_000 } as const;
    incidents.adoptHarm(began);
    incidents.adoptHarm({ ...began, at: 6 });
    const [lasting] = incidents.open.lasting();
    expect(lasting).toMatchObject({ topic: 'harmful', since: 5 });
    expect(incidents.open.reminder(lasting!.incident!, 7)).toMatchObject({ topic: 'harmful', stage: 'lasts' });
    expect(noticesOf(incidents, began)).toEqual([]);
    expect(noticesOf(incidents, { at: 9, ...place, type: 'harmful_ended', by: 'ana' })).toEqual(['harmful ended']);
  });
});

describe('a reminder', () => {
  const facts = { displayName: null, phoneNumberId: '551', labels: {}, next: { type: 'probe' } } as never;

  it.each([
    ['down', enters('down', 'timeout')],
    ['exhausted', enters('exhausted', 'timeout')],
    ['that no restart heals', of({ type: 'not_healed', attempt: 2, cause: 'timeout' })],
  ])('of an instance that is %s for another cause now says that, also to programs', (_what, event) => {
    const now = { ...(facts as object), cause: 'tls', detail: 'the certificate of the gateway has expired' };
    const incidents = new Incidents('p', () => now as never);
    incidents.receive(enters('down', 'timeout'));
    incidents.receive(event);
    const reminder = incidents.open.reminder('instance:support', 7);
    expect(reminder).toMatchObject({ stage: 'lasts', at: 7, since: 40_000, fields: { cause: 'tls' } });
    expect(reminder?.text).toContain('tls');
    expect(reminder?.text).not.toContain('timeout');
  });

  it('does not say that it is well after the first good answer', () => {
    const incidents = new Incidents('p', () => ({ ...(facts as object), cause: 'connected', detail: null }) as never);
    incidents.receive(enters('down', 'timeout'));
    expect(incidents.open.reminder('instance:support', 7)).toMatchObject({ fields: { cause: 'timeout' } });
  });

  it('of an instance that no restart heals says what is wrong with it now, under its own heading', () => {
    const incidents = fresh();
    incidents.receive(enters('down', 'timeout'));
    const before = incidents.open.lasting();
    incidents.receive(of({ type: 'not_healed', attempt: 2, cause: 'stopped' }));
    const reminder = incidents.open.reminder('instance:support', 7);
    expect(reminder).toMatchObject({ topic: 'down', stage: 'lasts', since: 40_000, fields: { cause: 'stopped' } });
    expect(reminder?.text).toContain('did not heal support');
    // It is another notice of the same incident, and not an incident of its own.
    expect(incidents.open.lasting().map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it('does not come of a planned restart that did not heal, because nothing was open', () => {
    const incidents = fresh();
    incidents.receive(of({ type: 'not_healed', attempt: 1, cause: 'timeout' }));
    expect(incidents.open.lasting()).toEqual([]);
  });
});

describe('a trouble of a whole account', () => {
  const at = 90_000;
  const refusedBegan: FleetEvent = {
    ...{ at, account: 'acme', type: 'refused_began' },
    ...{ cause: 'unauthorized', refused: 9, watched: 10 },
  };
  const refusedEnded: FleetEvent = { at: 200_000, account: 'acme', type: 'refused_ended' };
  const refused = ['refused began', 'refused ended'];
  const changes = (cause: NeedsHumanCause): FleetEvent =>
    of({ type: 'cause_changed', phase: 'needs_human', from: null, cause, detail: null });

  it.each<[string, FleetEvent, FleetEvent]>([
    [
      'harmful',
      { at, account: 'acme', type: 'harmful_began', harmed: 2, within: 86_400_000 },
      { at, account: 'acme', type: 'harmful_ended', by: 'ana' },
    ],
    [
      'blind',
      { at, account: 'acme', type: 'blind_began', blind: 9, watched: 10, cause: 'unreadable' },
      { at, account: 'acme', type: 'blind_ended' },
    ],
    ['refused', refusedBegan, refusedEnded],
  ])('(%s) is notified when it begins and when it is over', (topic, began, ended) => {
    const incidents = fresh();
    expect(noticesOf(incidents, began, began)).toEqual([`${topic} began`]);
    expect(incidents.open.lasting()).toMatchObject([
      { name: null, account: 'acme', accounts: ['acme'], level: 'error' },
    ]);
    expect(noticesOf(incidents, ended, ended)).toEqual([`${topic} ended`]);
  });

  it('says what to do in the words of the gateway of the account, where that has some', () => {
    const remedyTexts = { unauthorized: 'Copy the key of the manager.' };
    const incidents = new Incidents('p', undefined, (account) => (account === 'acme' ? remedyTexts : undefined));
    const [notice] = incidents.receive(refusedBegan);
    expect(notice).toMatchObject({ name: null, facts: null, remedyTexts });
    expect(notice?.text).toContain('Copy the key of the manager.');
    const [other] = incidents.receive({ ...refusedBegan, account: 'beta' });
    expect(other?.text).not.toContain('manager');
  });

  it('is one incident when most are silent; those that stay silent are notified when it is over', () => {
    const incidents = fresh();
    const silence = (name: string): FleetEvent => ({
      ...about,
      name,
      type: 'silence_began',
      since: 1_000,
      limit: 600_000,
    });
    const heard = (name: string): FleetEvent => ({
      ...about,
      ...{ name, type: 'silence_ended', since: 1_000, why: 'activity' },
    });
    const began: FleetEvent = { at, account: 'acme', type: 'silent_began', silent: 3, expected: 4 };
    const ended: FleetEvent = { at, account: 'acme', type: 'silent_ended' };
    expect(noticesOf(incidents, silence('a'), silence('a'), began, silence('b'), silence('c'))).toEqual([
      'silent began',
      'silent began',
    ]);
    expect(incidents.open.lasting()).toMatchObject([{ name: 'a', since: 1_000 }, { name: null }]);
    expect(noticesOf(incidents, heard('a'), heard('b'), ended)).toEqual(['silent ended', 'silent ended']);
    expect(incidents.leftBehind('acme', at).map(({ name, topic }) => `${name} ${topic}`)).toEqual(['c silent']);
    expect(noticesOf(incidents, heard('c'))).toEqual(['silent ended']);
  });

  it('is notified at its end even if an instance was silent when listening began', () => {
    const incidents = fresh();
    const state = { ...newInstance(1, 0), phase: 'healthy', silence: { since: 1_000, restartedAt: null } } as const;
    incidents.adopt({ name: 'support', account: 'acme', state }, at);
    const heard = of({ type: 'silence_ended', since: 1_000, why: 'activity' });
    expect(noticesOf(incidents, heard, heard)).toEqual(['silent ended']);
  });

  it('that is refused for another reason is news', () => {
    const other: FleetEvent = { ...refusedBegan, cause: 'not_found' } as never;
    expect(noticesOf(fresh(), refusedBegan, other)).toEqual(['refused began', 'refused began']);
  });

  it('that is refused is one incident, and not one for each instance', () => {
    const events = [
      refusedBegan,
      enters('needs_human', 'unauthorized'),
      enters('healthy', 'connected', 'needs_human'),
      refusedEnded,
    ];
    expect(noticesOf(fresh(), ...events)).toEqual(refused);
    const failing = [refusedBegan, changes('unauthorized'), recovered, enters('healthy', 'connected'), refusedEnded];
    expect(noticesOf(fresh(), ...failing)).toEqual(refused);
  });

  it('that is refused does not hide another reason, another account, or what is only down', () => {
    const [began] = refused;
    const human = 'needs_human began';
    expect(noticesOf(fresh(), refusedBegan, enters('needs_human', 'banned'))).toEqual([began, human]);
    expect(noticesOf(fresh(), refusedBegan, changes('banned'))).toEqual([began, human]);
    expect(noticesOf(fresh(), refusedBegan, enters('down', 'timeout'))).toEqual([began, 'down began']);
    const elsewhere = { ...refusedBegan, account: 'other' };
    expect(noticesOf(fresh(), elsewhere, enters('needs_human', 'unauthorized'))).toEqual([began, human]);
    expect(noticesOf(fresh(), refusedBegan, refusedEnded, enters('needs_human', 'unauthorized'))).toEqual([
      ...refused,
      human,
    ]);
  });

  it('that is refused leaves an incident that was open before open, in today’s words, until it is over', () => {
    const incidents = fresh();
    incidents.receive(enters('down'));
    expect(noticesOf(incidents, refusedBegan, enters('needs_human', 'unauthorized', 'down'))).toEqual([refused[0]]);
    expect(incidents.open.reminder('instance:support', 7)).toMatchObject({
      topic: 'down',
      fields: { cause: 'unauthorized' },
    });
    const expected = ['recovered ended', refused[1]];
    expect(noticesOf(incidents, recovered, enters('healthy', 'connected'), refusedEnded)).toEqual(expected);
    expect(incidents.open.lasting()).toEqual([]);
  });

  it('that is refused no longer covers an instance that has a trouble of its own', () => {
    const own = [refusedBegan, enters('needs_human', 'unauthorized'), changes('banned'), recovered];
    expect(noticesOf(fresh(), ...own)).toEqual([refused[0], 'needs_human began', 'recovered ended']);
    const incidents = fresh();
    noticesOf(incidents, ...own.slice(0, 3), refusedEnded);
    expect(incidents.leftBehind('acme', 300_000)).toEqual([]);
  });

  it('that is no longer refused leaves those behind that still need a human, and they are notified then', () => {
    const incidents = fresh();
    const other = { ...enters('needs_human', 'unauthorized'), name: 'sales' } as FleetEvent;
    noticesOf(incidents, refusedBegan, enters('needs_human', 'unauthorized'), other);
    expect(incidents.leftBehind('acme', 100_000)).toEqual([]);
    noticesOf(incidents, refusedEnded, { ...enters('healthy', 'connected'), name: 'sales' } as FleetEvent);
    expect(incidents.leftBehind('other', 300_000)).toEqual([]);
    expect(incidents.leftBehind('acme', 300_000)).toMatchObject([
      { topic: 'needs_human', stage: 'began', name: 'support', at: 300_000, fields: { cause: 'unauthorized' } },
    ]);
    expect(incidents.leftBehind('acme', 300_000)).toEqual([]);
    expect(noticesOf(incidents, recovered)).toEqual(['recovered ended']);
  });
});

describe('a trouble of a gateway with several accounts', () => {
  const gateway = { origin: 'https://gateway.example.org', accounts: ['acme', 'beta'] };
  const where = { at: 90_000, account: 'acme', gateway };
  const outage: FleetEvent = { ...where, type: 'gateway_outage_began', unreachable: 11, watched: 12 };
  const outageEnded: FleetEvent = { ...where, type: 'gateway_outage_ended' };
  const downIn = (account: string): FleetEvent =>
    ({ ...enters('down', 'timeout'), account, name: account }) as FleetEvent;

  it('is about all of them, and about none alone', () => {
    const incidents = fresh();
    const [began] = incidents.receive({ ...where, type: 'storm_began', sick: 9, allowed: 4, watched: 12 });
    expect(began).toMatchObject({
      ...{ topic: 'storm', name: null, account: null, accounts: ['acme', 'beta'] },
      fields: { gateway: 'https://gateway.example.org' },
    });
    expect(began?.text).toContain('9 of 12 instances of https://gateway.example.org');
    const [ended] = incidents.receive({ ...where, type: 'storm_ended', quietUntil: null });
    expect(ended).toMatchObject({ incident: began?.incident, accounts: ['acme', 'beta'] });
  });

  it('is another incident than that of one of its accounts', () => {
    const ofAcme: FleetEvent = {
      at: 90_000,
      account: 'acme',
      type: 'gateway_outage_began',
      unreachable: 3,
      watched: 3,
    };
    const incidents = fresh();
    expect(noticesOf(incidents, ofAcme, outage)).toEqual(['gateway_outage began', 'gateway_outage began']);
    expect(noticesOf(incidents, outageEnded)).toEqual(['gateway_outage ended']);
    expect(incidents.open.lasting()).toMatchObject([{ account: 'acme' }]);
    // The outage of that account goes on, and explains its instances, but not those of the other account.
    expect(noticesOf(incidents, downIn('acme'), downIn('beta'))).toEqual(['down began']);
  });

  it('an outage explains the instances of each of its accounts, and of no other', () => {
    const incidents = fresh();
    expect(noticesOf(incidents, outage, downIn('acme'), downIn('beta'))).toEqual(['gateway_outage began']);
    expect(noticesOf(incidents, downIn('gamma'))).toEqual(['down began']);
    expect(noticesOf(incidents, outageEnded, downIn('beta'))).toEqual(['gateway_outage ended', 'down began']);
  });

  it('is forgotten when none of its accounts is watched any more, and explains nothing then', () => {
    const incidents = fresh();
    incidents.receive(outage);
    const keep = (account: string): void => {
      incidents.keepOnly({ isWatched: () => true, isAccount: (name) => name === account });
    };
    keep('beta');
    expect(incidents.open.lasting()).toHaveLength(1);
    keep('gamma');
    expect(incidents.open.lasting()).toEqual([]);
    expect(noticesOf(incidents, downIn('beta'))).toEqual(['down began']);
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

  it('as a trouble that needs a human is news again only with another reason', () => {
    const found = state('needs_human', { cause: 'banned' });
    expect(noticesOf(adopted(found), enters('needs_human', 'banned'), recovered)).toEqual(['recovered ended']);
    const other = enters('needs_human', 'pairing_required');
    expect(noticesOf(adopted(found), other, recovered)).toEqual(['needs_human began', 'recovered ended']);
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
    const before = incidents.open.lasting();
    incidents.adopt({ name: 'support', account: 'acme', state: state('down') }, 50_000);
    expect(incidents.open.lasting()).toEqual(before);
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
    expect(incidents.open.lasting().map(({ topic }) => topic)).toEqual(['gateway_outage', 'own_network']);
    incidents.keepOnly({ isWatched: (name) => name === 'another', isAccount: (name) => name === 'other' });
    expect(incidents.open.lasting().map(({ topic }) => topic)).toEqual(['own_network']);
    expect(incidents.open.reminder('instance:support', 0)).toBeNull();
  });
});

it('of what all replicas see of a gateway, one notifies; the others know why an instance is down', () => {
  const gateway = { origin: 'https://gateway', accounts: ['acme'] };
  const outage = (notifiedElsewhere: boolean): FleetEvent => ({
    ...{ at: 0, account: 'acme', type: 'gateway_outage_began', unreachable: 9, watched: 10 },
    gateway: notifiedElsewhere ? { ...gateway, notifiedElsewhere } : gateway,
  });
  expect(noticesOf(fresh(), outage(false), enters('down', 'timeout'))).toEqual(['gateway_outage began']);
  expect(noticesOf(fresh(), outage(true), enters('down', 'timeout'))).toEqual([]);
});
