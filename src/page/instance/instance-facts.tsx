import type { InstanceView } from '../../http/views/schemas.ts';
import { nextRestart } from '../parts/next-restart.ts';
import { ago, CAUSE_WORDS, spell, spellLatency, until } from '../state/words.ts';

/** The few facts about an instance that matter first. */
export function InstanceFacts({ view, now }: { readonly view: InstanceView; readonly now: number }) {
  return (
    <>
      {whatToDo(view) !== null && (
        <p class="notice notice-warn remedy">
          <span class="notice-sign" aria-hidden="true">
            ➜
          </span>
          <span>
            <strong>What to do.</strong> {whatToDo(view)}
          </span>
        </p>
      )}
      <dl class="facts tiles">
        {factsOf(view, now).map(([name, value, more]) => (
          <div key={name} class="fact">
            <dt>{name}</dt>
            <dd>
              {value}
              {more !== '' && <span class="more">{more}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** What a person can do; null: nothing. */
export function whatToDo({ remedy, phase, enabled }: InstanceView): string | null {
  if (!enabled || phase !== 'exhausted') return remedy;
  const exhausted =
    'Its restarts did not help: read the answers of the gateway below, and look at the instance there. Once it is repaired, Reset gives it a full budget. It is restarted again by itself when its budget frees.';
  return remedy === null ? exhausted : `${remedy} ${exhausted}`;
}

function factsOf(view: InstanceView, now: number): readonly (readonly [string, string, string])[] {
  const { lastProbe, restart, nextProbeAt, failingSince, blindSince, activity, pause } = view;
  const next = nextRestart(view, now);
  const { spent, restarts, per, freesAt } = restart.budget;
  const labels = Object.entries(view.labels).map(([key, value]) => `${key}=${value}`);
  const facts: (readonly [string, string, string] | null)[] = [
    lastProbe === null
      ? ['Last probe', 'none yet', '']
      : [
          'Last probe',
          CAUSE_WORDS[lastProbe.cause],
          [ago(lastProbe.at, now), spellLatency(lastProbe.seconds), lastProbe.detail ?? '']
            .filter((x) => x !== '')
            .join(', '),
        ],
    ['Next probe', nextProbeAt === null ? 'under way or none' : until(nextProbeAt, now), ''],
    failingSince === null
      ? null
      : ['Failing for', spell((now - Date.parse(failingSince)) / 1_000), `${view.consecutiveFailures} in a row`],
    blindSince === null
      ? null
      : ['Nothing known for', spell((now - Date.parse(blindSince)) / 1_000), 'no answer was conclusive'],
    lifeOf(activity, now),
    ['Next restart', next.main, next.more],
    [
      'Budget',
      `${spent} of ${restarts} spent`,
      freesAt === null ? `per ${spell(per)}` : `frees ${until(freesAt, now)}`,
    ],
    pause === null ? null : ['Paused', pause.reason, `by ${pause.by}, ${ago(pause.since, now)}`],
    labels.length === 0 ? null : ['Labels', labels.join(' '), ''],
  ];
  return facts.filter((fact) => fact !== null);
}

function lifeOf({ lastAt, expected, silentSince }: InstanceView['activity'], now: number) {
  if (silentSince !== null) {
    const since = spell((now - Date.parse(silentSince)) / 1_000);
    return ['Silent', `no sign of life for ${since}`, 'probes find it connected'] as const;
  }
  if (lastAt === null) return expected ? (['Last sign of life', 'none yet', ''] as const) : null;
  return ['Last sign of life', ago(lastAt, now), ''] as const;
}
