import { describe, expect, it } from 'vitest';
import { PAGE_CATALOGUE } from '../language/en/page-catalogue.ts';
import { Speech } from './speech/speech.ts';
import type { InstanceView } from '../http/views/schemas.ts';
import { extentOf } from './state/notices.ts';
import {
  accountsOf,
  countKinds,
  EVERYTHING,
  groupsIn,
  labelKeys,
  selectRows,
  sortedBy,
  toggleKind,
  type Query,
} from './state/fleet-query.ts';
import { planBulk } from './state/bulk.ts';
import { fleetHref, routeOf } from './state/route.ts';
import { rowsOf, rowsWithInstances, rowsWithProbes, type Rows } from './state/fleet-rows.ts';
import { nextRestart } from './parts/next-restart.ts';

const ENGLISH = new Speech('en', PAGE_CATALOGUE, 'UTC');
const AT = '2026-01-02T03:00:00.000Z';
const LATER = '2026-01-02T03:00:10.000Z';

function view(name: string, more: Partial<InstanceView> = {}): InstanceView {
  return {
    name,
    account: 'acme',
    gateway: 'smileapi',
    phoneNumberId: '5511987654321',
    displayName: null,
    labels: {},
    enabled: true,
    discovered: false,
    phase: 'healthy',
    since: AT,
    nextProbeAt: null,
    lastProbe: { at: AT, verdict: 'healthy', cause: 'connected', detail: null, seconds: 0.01 },
    consecutiveFailures: 0,
    failingSince: null,
    blindSince: null,
    activity: { lastAt: null, expected: false, silentSince: null, restartedAt: null },
    remedy: null,
    restart: {
      attempt: 0,
      dueAt: null,
      holds: [],
      cooldownUntil: null,
      budget: { restarts: 5, per: 21_600, spent: 0, freesAt: null },
      last: null,
    },
    pause: null,
    acknowledged: null,
    ...more,
  };
}

const names = (rows: Rows, query: Partial<Query>): readonly string[] =>
  selectRows(rows, { ...EVERYTHING, ...query }).map((row) => row.view.name);

describe('the rows of a fleet', () => {
  const rows = rowsOf(
    [
      view('shop-10', { labels: { team: 'Sales' } }),
      view('shop-2', { phase: 'down', since: LATER, account: 'beta' }),
      view('desk', { phase: 'exhausted' }),
      view('old', { enabled: false, phase: 'down' }),
    ],
    ENGLISH,
  );

  it('list what needs attention first, and numbers in names counted', () => {
    expect(names(rows, {})).toEqual(['desk', 'shop-2', 'shop-10', 'old']);
    expect(names(rows, { sort: 'name' })).toEqual(['desk', 'old', 'shop-2', 'shop-10']);
    expect(names(rows, { sort: 'name', descending: true })).toEqual(['shop-10', 'shop-2', 'old', 'desk']);
    expect(names(rows, { sort: 'since', descending: true })[0]).toBe('shop-2');
  });

  it('are filtered by phase, account, and all words of a text', () => {
    expect(names(rows, { kinds: new Set(['down', 'disabled']) })).toEqual(['shop-2', 'old']);
    expect(names(rows, { account: 'beta' })).toEqual(['shop-2']);
    expect(names(rows, { text: ' SHOP sales ' })).toEqual(['shop-10']);
    expect(names(rows, { text: 'shop nowhere' })).toEqual([]);
    expect(accountsOf(rows)).toEqual(['acme', 'beta']);
  });

  it('are found by all that is shown of them, without accents', () => {
    const found = rowsOf(
      [
        view('a', { displayName: 'Recepção', labels: { cidade: 'São Paulo' } }),
        view('b', { phase: 'needs_human', lastProbe: { ...view('b').lastProbe!, cause: 'pairing_required' } }),
        view('c', { pause: { reason: 'Férias', by: 'ana', since: AT, until: null } }),
        view('d', { blindSince: AT, restart: { ...view('d').restart, holds: ['storm'] } }),
        view('e', { activity: { ...view('e').activity, silentSince: AT } }),
      ],
      ENGLISH,
    );
    const finds: readonly (readonly [string, string])[] = [
      ...[
        ['recepcao', 'a'],
        ['cidade=sao', 'a'],
        ['qr', 'b'],
        ['needs human', 'b'],
        ['paused', 'c'],
        ['ferias ANA', 'c'],
      ],
      ...[
        ['blind', 'd'],
        ['storm', 'd'],
        ['silent', 'e'],
        ['sign of life', 'e'],
      ],
    ] as const;
    for (const [text, name] of finds) expect([text, ...names(found, { text })]).toEqual([text, name]);
    expect(names(found, { kinds: new Set(['paused', 'blind']) })).toEqual(['c', 'd']);
    expect(names(found, { kinds: new Set(['blind', 'needs_human']) })).toEqual(['b', 'd']);
  });

  it('have what is silent before all that is well, as its mark', () => {
    const silent = { activity: { ...view('c').activity, silentSince: AT } };
    const found = rowsOf(
      [view('a'), view('b', { phase: 'suspect' }), view('c', silent), view('d', { ...silent, enabled: false })],
      ENGLISH,
    );
    expect(names(found, {})).toEqual(['b', 'c', 'a', 'd']);
    expect(names(found, { kinds: new Set(['silent']) })).toEqual(['c']);
    expect(countKinds(found).get('silent')).toBe(1);
    expect(extentOf(found, 'acme')).toEqual({ sick: 0, of: 3, blind: 0, silent: 1, held: 0 });
  });

  it('are grouped by a label, and each group says how many are sick', () => {
    const by = 'label:team';
    expect(names(rows, { groupBy: by })).toEqual(['desk', 'shop-2', 'old', 'shop-10']);
    expect(names(rows, { groupBy: by, group: 'Sales' })).toEqual(['shop-10']);
    expect(groupsIn(rows, by)).toEqual([
      { name: '', sick: 2, all: 3 },
      { name: 'Sales', sick: 0, all: 1 },
    ]);
    expect(labelKeys(rows)).toEqual(['team']);
  });

  it('keep their filters in an address, in which anything may stand', () => {
    const query: Query = {
      ...{ kinds: new Set(['down', 'paused']), account: 'a & b', text: 'ação', sort: 'since' },
      ...{ descending: true, groupBy: 'label:team', group: '' },
    };
    expect(routeOf(fleetHref(query))).toEqual({ page: 'fleet', query });
    expect(fleetHref(EVERYTHING)).toBe('#/');
    expect(routeOf('#/?phase=gone,down&sort=x&mark=&by=evil')).toEqual({
      page: 'fleet',
      query: { ...EVERYTHING, kinds: new Set(['down']) },
    });
  });

  it('are sorted before many are restarted: those that are held, and those that a restart would not help', () => {
    const { restart } = view('a');
    const many = rowsOf(
      [
        view('a', { phase: 'down' }),
        view('b', { phase: 'needs_human' }),
        view('c', { phase: 'down', restart: { ...restart, holds: ['storm'] } }),
        view('d', { pause: { reason: 'x', by: 'ana', since: AT, until: null } }),
      ],
      ENGLISH,
    );
    const all = selectRows(many, { ...EVERYTHING, sort: 'name' });
    const plan = planBulk('restart', all, ENGLISH);
    expect([plan.names, [...plan.left.values()]]).toEqual([['a'], [1, 1, 1]]);
    expect(planBulk('resume', all, ENGLISH).names).toEqual(['d']);
    expect(planBulk('pause', all, ENGLISH).names).toEqual(['a', 'b', 'c']);
  });

  it('are counted by what is shown: a disabled one is only disabled', () => {
    const counts = countKinds(rows);
    expect([counts.get('down'), counts.get('disabled'), counts.get('unknown')]).toEqual([1, 1, 0]);
  });

  it('turn with the stream, and keep their heartbeats', () => {
    const before = rowsOf([{ ...view('a'), heartbeats: 'hh' }, view('b')], ENGLISH);
    const after = rowsWithInstances(
      before,
      { instances: [view('a', { phase: 'down' }), view('c')], removed: ['b'] },
      ENGLISH,
    );
    expect([...after.keys()]).toEqual(['a', 'c']);
    expect(after.get('a')).toMatchObject({ phase: 'down', heartbeats: 'hh' });
    expect(before.get('a')?.phase).toBe('healthy');
  });

  it('take each probe once, even if it was in the list already', () => {
    const before = rowsOf([{ ...view('a'), heartbeats: 'h'.repeat(60) }], ENGLISH);
    expect(rowsWithProbes(before, [['a', 'h', AT, 0.1, 'connected', null]], ENGLISH).get('a')).toBe(before.get('a'));
    const row = rowsWithProbes(
      before,
      [
        ['a', 'u', LATER, 0.1, 'timeout', null],
        ['gone', 'u', LATER, 0.1, 'timeout', null],
      ],
      ENGLISH,
    ).get('a');
    expect(row?.heartbeats).toBe(`${'h'.repeat(59)}u`);
    expect(row?.view.lastProbe).toMatchObject({ verdict: 'unhealthy', cause: 'timeout' });
    expect(row?.view.remedy).toContain('does not answer in time');
  });

  it('say what to do in the words of the gateway of their account, where that has some', () => {
    const before = rowsOf([view('a')], ENGLISH);
    const own = (account: string, cause: string) => (cause === 'timeout' ? `Look at ${account}.` : undefined);
    const remedy = (cause: string) =>
      rowsWithProbes(before, [['a', 'u', LATER, 0.1, cause, null]], ENGLISH, own).get('a')?.view.remedy;
    expect(remedy('timeout')).toBe(`Look at ${view('a').account}.`);
    expect(remedy('dns')).toContain('name');
  });

  it('know something again of an instance after its next conclusive probe, and not before', () => {
    const before = rowsOf([view('a', { phase: 'needs_human', blindSince: AT, lastProbe: null })], ENGLISH);
    const after = (cause: string) =>
      rowsWithProbes(before, [['a', 'x', LATER, 0.1, cause, null]], ENGLISH).get('a')?.view.blindSince;
    expect([after('unreadable'), after('pairing_required')]).toEqual([AT, null]);
  });

  it('leave a cause that the page does not know to the next load', () => {
    const before = rowsOf([view('a')], ENGLISH);
    expect(rowsWithProbes(before, [['a', 'x', LATER, 0.1, 'eaten', null]], ENGLISH).get('a')).toBe(before.get('a'));
  });
});

describe('clicks', () => {
  it('sort by another column, then turn it around', () => {
    const byName = sortedBy(EVERYTHING, 'name');
    expect(byName).toMatchObject({ sort: 'name', descending: false });
    expect(sortedBy(byName, 'name')).toMatchObject({ sort: 'name', descending: true });
  });

  it('add a phase and take it away', () => {
    const down = toggleKind(EVERYTHING, 'down');
    expect([...down.kinds]).toEqual(['down']);
    expect([...toggleKind(down, 'down').kinds]).toEqual([]);
  });
});

describe('nextRestart', () => {
  const now = Date.parse(AT);
  const { restart } = view('a');

  it('says when and what holds it', () => {
    const due = view('a', { phase: 'down', restart: { ...restart, dueAt: LATER, holds: ['cooldown', 'storm'] } });
    expect(nextRestart(due, now, ENGLISH)).toEqual({
      main: 'in 10 s',
      more: 'held: cooldown, storm: too many are sick at once',
      held: true,
    });
  });

  it('says why no restart is due', () => {
    expect(nextRestart(view('a', { phase: 'needs_human' }), now, ENGLISH).more).toBe('a human must act first');
    expect(nextRestart(view('a', { phase: 'down' }), now, ENGLISH).more).toBe('automatic restarts are switched off');
    const pause = { reason: 'new phone', by: 'ana', since: AT, until: LATER };
    expect(nextRestart(view('a', { pause }), now, ENGLISH).more).toBe('new phone, 10 s more');
    expect(nextRestart(view('a'), now, ENGLISH).main).toBe('–');
  });
});
