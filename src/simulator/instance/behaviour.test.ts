import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onRestart, PRESETS, situationAt, STATE_ANSWERS, type Behaviour, type Situation } from './behaviour.ts';

const T0 = 1_000_000;

function begun(behaviour: Behaviour, since = T0): Situation {
  return { behaviour, since };
}

describe('an instance that is left alone', () => {
  it('stays what it is', () => {
    const situation = begun(PRESETS.disconnected);
    expect(situationAt(situation, T0 + 1e9)).toBe(situation);
  });

  it('turns into what it was to become exactly when that is due', () => {
    const situation = begun({ ...PRESETS.disconnected, changes: { after: 2_000, to: PRESETS.connected } });
    expect(situationAt(situation, T0 + 1_999).behaviour.probe).toBe('disconnected');
    expect(situationAt(situation, T0 + 2_000)).toEqual(begun(PRESETS.connected, T0 + 2_000));
  });

  it('is the same at the end, however often it is read in between', () => {
    const steps = fc.array(fc.record({ after: fc.nat(1_000), probe: fc.constantFrom(...STATE_ANSWERS) }));
    fc.assert(
      fc.property(steps, fc.array(fc.nat(10_000)), (chain, looks) => {
        const behaviour = chain.reduceRight<Behaviour>(
          (to, { after, probe }) => ({ ...PRESETS.connected, probe, changes: { after, to } }),
          PRESETS.connected,
        );
        const times = looks.sort((a, b) => a - b).map((look) => T0 + look);
        const watched = times.reduce((situation, at) => situationAt(situation, at), begun(behaviour));
        const end = T0 + 20_000;
        expect(situationAt(watched, end)).toEqual(situationAt(begun(behaviour), end));
      }),
    );
  });
});

describe('a restart', () => {
  it('heals a disconnected instance at once', () => {
    const { answers, situation } = onRestart(begun(PRESETS.disconnected), T0 + 5);
    expect(answers).toBe('accepted');
    expect(situation.behaviour.probe).toBe('connected');
    expect(situation.since).toBe(T0 + 5);
  });

  it('leaves a slow instance connecting for its time, then connected', () => {
    const { situation } = onRestart(begun(PRESETS.slow_recovery), T0);
    expect(situationAt(situation, T0 + 19_999).behaviour.probe).toBe('connecting');
    expect(situationAt(situation, T0 + 20_000).behaviour.probe).toBe('connected');
  });

  it('that comes again while connecting makes the instance begin again', () => {
    const first = onRestart(begun(PRESETS.slow_recovery), T0).situation;
    const second = onRestart(first, T0 + 15_000).situation;
    expect(situationAt(second, T0 + 20_000).behaviour.probe).toBe('connecting');
    expect(situationAt(second, T0 + 35_000).behaviour.probe).toBe('connected');
  });

  it('that lies is accepted and moves nothing, ever', () => {
    const first = onRestart(begun(PRESETS.restart_lies), T0 + 1);
    const second = onRestart(first.situation, T0 + 2);
    expect(second).toEqual({ answers: 'accepted', situation: begun(PRESETS.restart_lies) });
  });

  it('goes as the first, the second, … reaction says, and the last one stays', () => {
    const lie = onRestart(begun(PRESETS.restart_lies_once), T0);
    expect(lie.situation.behaviour.probe).toBe('disconnected');
    const cure = onRestart(lie.situation, T0 + 1);
    expect(cure.situation.behaviour.probe).toBe('connected');
    const again = onRestart({ ...cure.situation, behaviour: { ...cure.situation.behaviour, probe: 'qr' } }, T0 + 2);
    expect(again.situation.behaviour.probe).toBe('connected');
  });

  it('of a dead instance tries and ends where it began, also when it comes twice', () => {
    const once = onRestart(begun(PRESETS.dead), T0).situation;
    const twice = onRestart(once, T0 + 1_000).situation;
    expect(situationAt(twice, T0 + 3_999).behaviour.probe).toBe('connecting');
    expect(situationAt(twice, T0 + 4_000).behaviour).toEqual(PRESETS.dead);
  });

  it('may work although its caller gets no answer', () => {
    const behaviour: Behaviour = {
      probe: 'disconnected',
      onRestart: [{ answers: 'hanging', effect: { after: 0, becomes: 'connected' } }],
    };
    const { answers, situation } = onRestart(begun(behaviour), T0);
    expect(answers).toBe('hanging');
    expect(situation.behaviour.probe).toBe('connected');
  });

  it('with an effect takes the place of what was to come by itself; one without does not', () => {
    const changes = { after: 1_000, to: PRESETS.banned };
    const cured = onRestart(begun({ ...PRESETS.disconnected, changes }), T0 + 500).situation;
    expect(situationAt(cured, T0 + 9_000).behaviour.probe).toBe('connected');
    const lied = onRestart(begun({ ...PRESETS.restart_lies, changes }), T0 + 500).situation;
    expect(situationAt(lied, T0 + 1_000).behaviour.probe).toBe('banned');
  });

  it('meets the instance as it is at that time', () => {
    const behaviour: Behaviour = { ...PRESETS.disconnected, changes: { after: 1_000, to: PRESETS.not_found } };
    expect(onRestart(begun(behaviour), T0 + 1_000).answers).toBe('not_found');
  });

  it.each(['qr', 'banned', 'unauthorized', 'not_found', 'rate_limited', 'unknown_state', 'html'] as const)(
    'does not cure %s',
    (preset) => {
      const { situation } = onRestart(begun(PRESETS[preset]), T0);
      expect(situationAt(situation, T0 + 1e6).behaviour.probe).toBe(PRESETS[preset].probe);
    },
  );

  it('keeps the latency of the instance', () => {
    const { situation } = onRestart(begun({ ...PRESETS.slow_recovery, latency: 40 }), T0);
    expect(situation.behaviour.latency).toBe(40);
    expect(situationAt(situation, T0 + 20_000).behaviour.latency).toBe(40);
  });
});
