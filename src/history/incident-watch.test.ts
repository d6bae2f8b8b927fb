import { describe, expect, it } from 'vitest';
import { testPolicy } from '../../test/fleet/policy.ts';
import type { SilenceEnd } from '../core/event.ts';
import { decide } from '../core/instance/decide.ts';
import { newInstance } from '../core/instance/instance.ts';
import { IncidentWatch } from './incident-watch.ts';
import type { Incident, IncidentEnd } from './incident.ts';

function watch() {
  const ended: Incident[] = [];
  return { incidents: new IncidentWatch((incident) => void ended.push(incident)), ended };
}

const ONE = { name: 'n1', account: 'acme' } as const;

describe('incidents made of events', () => {
  it.each<[SilenceEnd, IncidentEnd]>([
    ['activity', 'sign_of_life'],
    ['reset', 'release'],
    ['not_expected', 'no_longer_watched'],
  ])('begin a silence with the last sign of life, and name its end by %s as %s', (why, endedBy) => {
    const { incidents, ended } = watch();
    incidents.receive({ ...ONE, type: 'silence_began', at: 9_000, since: 1_000, limit: 8_000 });
    expect(incidents.lasting()).toMatchObject([{ ...ONE, kind: 'silent', began: 1_000, restarts: 0 }]);
    incidents.receive({ ...ONE, type: 'silence_ended', at: 20_000, since: 1_000, why });
    expect(incidents.lasting()).toEqual([]);
    expect(ended).toMatchObject([{ kind: 'silent', ended: 20_000, endedBy, trigger: null }]);
  });

  it('count the restarts of a silence, also those before the watch began', () => {
    const { incidents } = watch();
    const policy = testPolicy({ silentAfter: 600, silenceRestart: true });
    const silence = { since: 1_000, restartedAt: null };
    const healthy = { ...newInstance(1, 0), phase: 'healthy', cause: 'silent', healthySince: 0, silence } as const;
    const request = {
      type: 'restart_requested',
      trigger: 'api',
      requestedBy: 'ana',
      force: true,
      disabled: false,
      holds: [],
    } as const;
    const { state, actions } = decide(healthy, request, policy, 9_000);
    expect(state).toMatchObject({ phase: 'restarting', history: [{ at: 9_000 }] });
    incidents.adopt({ name: 'n1', account: { name: 'acme' }, state });
    expect(incidents.lasting()).toMatchObject([{ ...ONE, kind: 'silent', cause: 'silent', began: 1_000, restarts: 1 }]);
    const started = actions.flatMap((action) => (action.type === 'publish' ? [action.event] : []));
    for (const event of started) incidents.receive({ ...ONE, at: 9_000, ...event });
    expect(incidents.lasting()).toMatchObject([{ restarts: 2 }]);
  });

  it('have the silence of most of an account as its own', () => {
    const { incidents, ended } = watch();
    incidents.receive({ account: 'acme', type: 'silent_began', at: 9_000, silent: 3, expected: 4 });
    expect(incidents.lasting()).toMatchObject([{ kind: 'account_silent', name: null, account: 'acme', began: 9_000 }]);
    incidents.receive({ account: 'acme', type: 'silent_ended', at: 20_000 });
    expect(ended).toMatchObject([{ kind: 'account_silent', ended: 20_000, endedBy: 'by_itself' }]);
  });
});
