import type { InstanceView } from '../../http/views/schemas.ts';
import { nextRestart } from '../parts/next-restart.ts';
import { spell, spellSince } from '../speech/lengths.ts';
import type { Speech } from '../speech/speech.ts';
import { useSpeech } from '../state/page-context.ts';

/** The few facts about an instance that matter first. */
export function InstanceFacts({ view, now }: { readonly view: InstanceView; readonly now: number }) {
  const speech = useSpeech();
  const remedy = whatToDo(view, speech);
  return (
    <>
      {remedy !== null && (
        <p class="notice notice-warn remedy">
          <span class="notice-sign" aria-hidden="true">
            ➜
          </span>
          <span>
            <strong>{speech.page.instance.whatToDo}</strong> {remedy}
          </span>
        </p>
      )}
      <dl class="facts tiles">
        {factsOf(view, now, speech).map(([name, value, more]) => (
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
function whatToDo({ remedy, phase, enabled }: InstanceView, speech: Speech): string | null {
  const found = speech.remedy(remedy);
  if (!enabled || phase !== 'exhausted') return found;
  const { exhausted } = speech.page.instance;
  return found === null ? exhausted : `${found} ${exhausted}`;
}

/** Its name, its value, and more about it. */
type Fact = readonly [string, string, string];

function factsOf(view: InstanceView, now: number, speech: Speech): readonly Fact[] {
  const { restart, nextProbeAt, failingSince, blindSince, activity } = view;
  const words = speech.page.instance;
  const next = nextRestart(view, now, speech);
  const { spent, restarts, per, freesAt } = restart.budget;
  const labels = Object.entries(view.labels).map(([key, value]) => `${key}=${value}`);
  const facts: (Fact | null)[] = [
    lastProbeOf(view, now, speech),
    [words.nextProbe, nextProbeAt === null ? words.underWayOrNone : speech.until(nextProbeAt, now), ''],
    failingSince === null
      ? null
      : [words.failingFor, spellSince(failingSince, now), words.inARow(view.consecutiveFailures)],
    blindSince === null ? null : [words.nothingKnownFor, spellSince(blindSince, now), words.notConclusive],
    lifeOf(activity, now, speech),
    [words.nextRestart, next.main, next.more],
    [
      words.budget,
      words.spent(spent, restarts),
      freesAt === null ? words.per(spell(per)) : words.frees(speech.until(freesAt, now)),
    ],
    ...interventionsIn(view, now, speech),
    view.discovered ? [words.found, words.inTheList, ''] : null,
    labels.length === 0 ? null : [words.labels, labels.join(' '), ''],
  ];
  return facts.filter((fact) => fact !== null);
}

function lastProbeOf({ lastProbe }: InstanceView, now: number, speech: Speech): Fact {
  const words = speech.page.instance;
  if (lastProbe === null) return [words.lastProbe, words.noneYet, ''];
  const { at, cause, seconds, detail } = lastProbe;
  const more = [speech.ago(at, now), speech.latency(seconds), speech.detail(detail) ?? ''];
  return [words.lastProbe, speech.words.causes[cause], more.filter((part) => part !== '').join(', ')];
}

/** What people did about it: a pause, an acknowledgement. */
function interventionsIn({ pause, acknowledged }: InstanceView, now: number, speech: Speech): readonly Fact[] {
  const words = speech.page.instance;
  const facts: Fact[] = [];
  if (pause !== null) facts.push([words.paused, pause.reason, words.by(pause.by, speech.ago(pause.since, now))]);
  if (acknowledged !== null) {
    const { reason, by, since, until } = acknowledged;
    const more = [words.by(by, speech.ago(since, now)), until === null ? '' : words.until(speech.localTime(until))];
    facts.push([words.acknowledged, reason ?? words.noReason, more.filter((part) => part !== '').join(', ')]);
  }
  return facts;
}

function lifeOf({ lastAt, expected, silentSince }: InstanceView['activity'], now: number, speech: Speech): Fact | null {
  const { fleet, instance: words } = speech.page;
  if (silentSince !== null) return [words.silent, fleet.noLifeFor(spellSince(silentSince, now)), words.connected];
  if (lastAt === null) return expected ? [words.lastLife, words.noneYet, ''] : null;
  return [words.lastLife, speech.ago(lastAt, now), ''];
}
