import { remedyFor } from '../../core/remedy.ts';
import { isCause, verdictOf, type Cause } from '../../core/verdict.ts';
import type { InstanceView } from '../../http/views/schemas.ts';
import type { ShownPhase } from '../../language/words.ts';
import type { Speech } from '../speech/speech.ts';

/** How many heartbeats are shown. */
export const HEARTBEATS = 60;

/** One instance as the table needs it. */
export interface Row {
  readonly view: InstanceView;
  /** Letters of the last verdicts, oldest first. */
  readonly heartbeats: string;
  readonly phase: ShownPhase;
  /** What a search looks at, {@link folded}. */
  readonly text: string;
  /** When the newest of the heartbeats began; null: there is none. */
  readonly beatAt: string | null;
  /** Its position by name, so that sorting compares numbers. */
  readonly order: number;
}

/** All instances by name. Never changed: a change makes another one. */
export type Rows = ReadonlyMap<string, Row>;

/** An instance as lists have it. */
export type Listed = InstanceView & { readonly heartbeats?: string | undefined };

/** `[name, letter, at, seconds, cause, nextProbeAt]` of a probe that ended. */
export type StreamedProbe = readonly [string, string, string, number, string, string | null];

/** The fleet as it has just been loaded. */
export function rowsOf(instances: readonly Listed[], speech: Speech): Rows {
  const collator = new Intl.Collator(speech.language, { numeric: true });
  const sorted = [...instances].sort((a, b) => collator.compare(a.name, b.name));
  return new Map(
    sorted.map((view, order) => [
      view.name,
      rowOf(view, { heartbeats: view.heartbeats ?? '', beatAt: view.lastProbe?.at ?? null, order }, speech),
    ]),
  );
}

/** The fleet after some instances have changed, appeared or gone. */
export function rowsWithInstances(
  rows: Rows,
  { instances, removed }: { readonly instances: readonly InstanceView[]; readonly removed: readonly string[] },
  speech: Speech,
): Rows {
  const next = new Map(rows);
  for (const name of removed) next.delete(name);
  for (const view of instances) {
    const before = next.get(view.name) ?? { heartbeats: '', beatAt: null, order: next.size };
    next.set(view.name, rowOf(view, before, speech));
  }
  return next;
}

/** What the gateway of an account says by itself of what a person can do; undefined: nothing. */
export type OwnRemedy = (account: string, cause: Cause) => string | undefined;

/** The fleet after some probes have ended. Known probes, and those of unknown instances, have no effect. */
export function rowsWithProbes(
  rows: Rows,
  probes: readonly StreamedProbe[],
  speech: Speech,
  ownRemedy: OwnRemedy = () => undefined,
): Rows {
  const next = new Map(rows);
  for (const probe of probes) {
    const row = next.get(probe[0]);
    if (row !== undefined) next.set(probe[0], rowAfter(row, probe, speech, ownRemedy));
  }
  return next;
}

function rowAfter(
  row: Row,
  [, letter, at, seconds, cause, nextProbeAt]: StreamedProbe,
  speech: Speech,
  ownRemedy: OwnRemedy,
): Row {
  const { view } = row;
  const { lastProbe } = view;
  if (!isCause(cause)) return row;
  // Probes that were streamed before the list was read are in the list already.
  if (row.beatAt !== null && row.beatAt >= at) return row;
  const detail = lastProbe?.cause === cause ? lastProbe.detail : null;
  const outage = view.phase !== 'healthy' && view.phase !== 'unknown';
  const changed: InstanceView = {
    ...view,
    nextProbeAt,
    lastProbe: { at, verdict: verdictOf(cause), cause, detail, seconds },
    // That something is known again is no event where the phase stays.
    blindSince: verdictOf(cause) === 'inconclusive' ? view.blindSince : null,
    remedy: outage ? view.remedy : (ownRemedy(view.account, cause) ?? remedyFor(cause, detail)),
  };
  const heartbeats = (row.heartbeats + letter).slice(-HEARTBEATS);
  return rowOf(changed, { heartbeats, beatAt: at, order: row.order }, speech);
}

function rowOf(
  view: InstanceView,
  { heartbeats, beatAt, order }: Pick<Row, 'heartbeats' | 'beatAt' | 'order'>,
  speech: Speech,
): Row {
  const phase = view.enabled ? view.phase : 'disabled';
  return {
    view,
    heartbeats,
    phase,
    text: folded(shownWords(view, phase, speech).join('\n')),
    beatAt,
    order,
  };
}

/** In lower case and without accents, so that `São` is found by `sao`. */
export function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

/** All that the table shows of an instance, and the words of API and config for it. */
function shownWords(view: InstanceView, phase: ShownPhase, speech: Speech): readonly string[] {
  const { name, displayName, phoneNumberId, account, labels, lastProbe, remedy } = view;
  const { pause, acknowledged, blindSince, activity } = view;
  const { words, page } = speech;
  const { marks } = page.fleet;
  return [
    ...[name, displayName ?? '', phoneNumberId, account],
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    ...[phase, words.phases[phase].label],
    ...(lastProbe === null
      ? []
      : [lastProbe.cause, words.causes[lastProbe.cause], speech.detail(lastProbe.detail) ?? '']),
    ...(pause === null ? [] : ['paused', marks.paused.label, pause.reason, pause.by]),
    ...(acknowledged === null
      ? []
      : ['acknowledged', marks.acknowledged.label, acknowledged.reason ?? '', acknowledged.by]),
    ...(blindSince === null ? [] : ['blind', marks.blind.label, page.past.kinds.unknown]),
    ...(activity.silentSince === null ? [] : ['silent', marks.silent.label, page.fleet.noLifeFor('')]),
    ...view.restart.holds.map((hold) => `${hold} ${words.holds[hold]}`),
    speech.remedy(remedy) ?? '',
  ];
}
