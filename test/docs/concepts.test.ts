import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { decide } from '../../src/core/instance/decide.ts';
import { HOLDS, newInstance, OUTCOMES, PHASES, TRIGGERS, type Phase } from '../../src/core/instance/instance.ts';
import type { Observation } from '../../src/core/instance/observation.ts';
import { MINUTE } from '../../src/core/time.ts';
import { CAUSES, VERDICTS, type Cause } from '../../src/core/verdict.ts';
import { restartEnded } from '../core/observations.ts';
import { testPolicy } from '../fleet/policy.ts';
import { blocksOf, read, sectionOf, spansOf, tableOf, wordsOf } from './markdown.ts';

const page = read('docs/concepts.md');

describe('docs/concepts.md', () => {
  it.each([
    ['verdict', sectionOf(page, 'Verdicts'), ['verdict', 'causes'], VERDICTS],
    ['phase', sectionOf(page, 'Phases'), ['phase', 'meaning'], PHASES],
    ['hold', sectionOf(page, 'Holds'), ['hold'], HOLDS],
    ['trigger', sectionOf(page, 'Restarts'), ['trigger'], TRIGGERS],
    ['outcome', sectionOf(page, 'Restarts'), ['outcome'], OUTCOMES],
  ] as const)('explains every %s, and none that does not exist', (_, section, columns, words) => {
    expect(wordsOf(tableOf(section, ...columns)).toSorted()).toEqual([...words].toSorted());
  });

  it('gives every cause to its verdict', () => {
    const rows = tableOf(page, 'verdict', 'causes').map(([verdict = '', causes = '']) => [
      spansOf(verdict)[0],
      spansOf(causes),
    ]);
    expect(Object.fromEntries(rows)).toEqual(CAUSES);
  });

  it('explains only causes that exist', () => {
    const causes: readonly string[] = VERDICTS.flatMap((verdict) => CAUSES[verdict]);
    expect(wordsOf(tableOf(page, 'cause', 'meaning')).filter((word) => !causes.includes(word))).toEqual([]);
  });

  it('shows every transition between phases that can happen, and no other', () => {
    expect(shownTransitions()).toEqual(transitionsOfTheCore());
  });
});

describe('the glossary', () => {
  const rows = tableOf(sectionOf(page, 'Glossary'), 'word', 'meaning');
  const words = rows.map(([word = '']) => word);

  it('is in the order of the alphabet, each word once', () => {
    expect(words).toEqual([...new Set(words)].toSorted());
  });

  it('has the words for what the code holds in closed sets', () => {
    expect(words).toEqual(expect.arrayContaining(['verdict', 'cause', 'phase', 'hold', 'trigger', 'outcome']));
  });

  it('names only keys of the config', () => {
    const keys = rows.flatMap(([, meaning = '']) => spansOf(meaning)).map((span) => span.replace('<name>.', ''));
    const schema = configJsonSchema();
    const missing = keys.filter((key) => !isKey(schema, key.split('.')) && !isKey(defaultsOf(schema), key.split('.')));
    expect(missing).toEqual([]);
  });
});

function defaultsOf(schema: Record<string, unknown>): unknown {
  return (schema['properties'] as Record<string, unknown>)['defaults'];
}

function isKey(schema: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  const { properties, additionalProperties } = schema as Record<string, Record<string, unknown> | undefined>;
  const below =
    properties?.[key] ?? (additionalProperties?.['properties'] as Record<string, unknown> | undefined)?.[key];
  return below !== undefined && isKey(below, rest);
}

/** From the diagram and from the table of the less common ones. */
function shownTransitions(): string[] {
  const section = sectionOf(page, 'Phases');
  const diagram = blocksOf(section).find(({ language }) => language === 'mermaid')?.text ?? '';
  const arrows = [...diagram.matchAll(/^ *(\w+) --> (\w+)/gm)].map(([, from = '', to = '']) => `${from} → ${to}`);
  const others = tableOf(section, 'from', 'to', 'when').flatMap(([from = '', to = '']) =>
    spansOf(from).flatMap((start) => spansOf(to).map((end) => `${start} → ${end}`)),
  );
  return [...arrows, ...others].toSorted();
}

const all: readonly Cause[] = VERDICTS.flatMap((verdict) => CAUSES[verdict]);
const wait = fc.constantFrom(0, MINUTE / 2, MINUTE, 5 * MINUTE, 60 * MINUTE, 6 * 60 * MINUTE);
const holds = fc.constantFrom<('storm' | 'concurrency')[]>([], [], ['storm'], ['concurrency']);

/** Anything that can happen to an instance, at a time. */
const happening = fc.record({
  wait,
  observe: fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant('probe' as const), cause: fc.constantFrom(...all), holds }) },
    {
      weight: 3,
      arbitrary: fc.record({ type: fc.constant('restart_ended' as const), outcome: fc.constantFrom(...OUTCOMES) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('restart_requested' as const), force: fc.boolean(), holds }),
    },
    fc.record({ type: fc.constant('silence' as const), cause: fc.constantFrom(...CAUSES.inconclusive) }),
    fc.record({
      type: fc.constantFrom('restart_planned', 'reset_requested', 'suspicion_cleared', 'reconfigured', 'resumed'),
      refused: fc.boolean(),
    }),
  ),
});

type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;
type Step = Exclude<Happening['observe'], { readonly type: 'silence' }>;

/** Every transition that random lives come to, under policies of all kinds. */
function transitionsOfTheCore(): string[] {
  const seen = new Set<string>();
  const lives = fc.sample(fc.tuple(fc.constantFrom(1, 3), fc.array(happening, { minLength: 60, maxLength: 60 })), {
    numRuns: 1500,
    seed: 7,
  });
  for (const [threshold, life] of lives) {
    const policy = testPolicy({ threshold, successes: threshold, budget: 2 });
    let state = newInstance(1, 0);
    let now = 0;
    let refused = false;
    for (const { wait: passed, observe } of life.flatMap(inSteps)) {
      now += passed;
      if ('refused' in observe) refused = observe.refused;
      // A forced restart in flight, whose old refusal is forgotten just then, passes through `unknown` for a moment.
      if (state.intent !== null && state.refusal !== null && observe.type !== 'restart_ended') continue;
      const { state: next, actions } = decide(state, observationOf(observe, now, refused), policy, now);
      for (const action of actions) {
        if (action.type !== 'publish' || action.event.type !== 'phase_changed') continue;
        const { from, to }: { from: Phase; to: Phase } = action.event;
        seen.add(`${from} → ${to}`);
      }
      state = next;
    }
  }
  return [...seen].toSorted();
}

/** For a while no answer is conclusive: more probes in a row than chance brings about. */
function inSteps({ wait: passed, observe }: Happening): { readonly wait: number; readonly observe: Step }[] {
  if (observe.type !== 'silence') return [{ wait: passed, observe }];
  const probe = { type: 'probe' as const, cause: observe.cause, holds: [] };
  return Array.from({ length: 10 }, () => ({ wait: MINUTE, observe: probe }));
}

function observationOf(observe: Step, now: number, refused: boolean): Observation {
  switch (observe.type) {
    case 'probe':
      return { ...observe, detail: null, startedAt: now, outOfTurn: false, blindAfter: 5 * MINUTE, quiet: null };
    case 'restart_ended': {
      const refusal = refused && observe.outcome === 'rejected' ? ('unauthorized' as const) : null;
      return restartEnded({ ...observe, refusal });
    }
    case 'restart_requested':
      return { ...observe, trigger: 'api', requestedBy: null, disabled: false };
    case 'restart_planned':
      return { type: 'restart_planned', dueAt: now, expiresAt: now + 60 * MINUTE, missed: false };
    case 'reset_requested':
      return { type: 'reset_requested', by: 'api' };
    case 'reconfigured':
      return { type: 'reconfigured', gatewayChanged: true };
    default:
      return { type: observe.type };
  }
}
