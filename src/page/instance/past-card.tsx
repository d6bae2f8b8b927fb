import { useEffect, useState } from 'preact/hooks';
import type { AvailabilityView, DatedPastView, PastView } from '../../http/views/history-schemas.ts';
import { CsvButton } from '../parts/csv-button.tsx';
import type { ApiClient } from '../state/api-client.ts';
import { spell, spellLatency } from '../state/words.ts';

const SPANS = ['24h', '7d', '30d', '90d'] as const;
type Span = (typeof SPANS)[number];
const SPAN_WORDS: Readonly<Record<Span, string>> = {
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
};
/** It changes slowly. */
const LOAD_EVERY_MS = 60_000;
const KINDS = ['healthy', 'failing', 'needsHuman', 'unknown', 'paused'] as const;
const KIND_WORDS: Readonly<Record<(typeof KINDS)[number], string>> = {
  healthy: 'healthy',
  failing: 'failing',
  needsHuman: 'needs a human',
  unknown: 'nothing known',
  paused: 'paused or maintenance',
};

/** Availability and latency of an instance over four spans, with a bar for each hour or day. */
export function PastCard({ name, api }: { readonly name: string; readonly api: ApiClient }) {
  const [span, setSpan] = useState<Span>('24h');
  const past = usePast(name, api);
  if (past === null) return <p class="empty">Loading …</p>;
  const bars = span === '24h' ? past.hours : past.days.slice(-Number.parseInt(span, 10));
  const whole = past.spans[span];
  return (
    <>
      <div class="spans" role="group" aria-label="Span">
        {SPANS.map((each) => (
          <button key={each} type="button" class="span" aria-pressed={each === span} onClick={() => setSpan(each)}>
            <span class="span-name">{SPAN_WORDS[each]}</span>
            <span class="span-value">{percent(past.spans[each].availability)}</span>
          </button>
        ))}
      </div>
      <PastBars bars={bars} />
      <ul class="past-legend">
        {KINDS.map((kind) => (
          <li key={kind}>
            <span class={`past-sample past-${kind}`} aria-hidden="true" /> {KIND_WORDS[kind]}{' '}
            {whole[kind] === 0 ? '' : spell(whole[kind])}
          </li>
        ))}
      </ul>
      <p class="more">{summary(whole)}</p>
      <CsvButton
        api={api}
        path={`api/v1/instances/${encodeURIComponent(name)}/availability?format=csv`}
        file={`${name}.csv`}
      />
      {past.since !== null && <p class="more">Recorded since {past.since}. Days are those of UTC.</p>}
    </>
  );
}

/** What was, in the order of time; each bar is filled by what part of it was what. */
export function PastBars({ bars }: { readonly bars: readonly DatedPastView[] }) {
  const slowest = Math.max(0.001, ...bars.map(({ latency }) => latency ?? 0));
  return (
    <div class="past-scroll" role="region" aria-label="By hour or day" tabIndex={0}>
      <ol class="past-bars">
        {bars.map((bar) => (
          <li key={bar.from} title={barWords(bar)}>
            <span class="hidden">{barWords(bar)}</span>
            <svg class="past-bar" viewBox="0 0 10 60" preserveAspectRatio="none" aria-hidden="true">
              {piecesOf(bar).map(({ kind, top, height }) => (
                <rect key={kind} class={`past-${kind}`} x="0" y={top * 40} width="10" height={height * 40} />
              ))}
              {bar.latency !== null && (
                <rect
                  class="past-latency"
                  x="2"
                  y={60 - (bar.latency / slowest) * 16}
                  width="6"
                  height={(bar.latency / slowest) * 16}
                />
              )}
            </svg>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Parts of a bar from its top down; the healthy part is at the bottom. */
export function piecesOf(
  bar: PastView,
): readonly { readonly kind: (typeof KINDS)[number]; readonly top: number; readonly height: number }[] {
  const total = KINDS.reduce((sum, kind) => sum + bar[kind], 0);
  let top = 0;
  return KINDS.toReversed().flatMap((kind) => {
    // What is short must be seen as well.
    const height = total === 0 ? 0 : bar[kind] / total;
    if (height === 0) return [];
    const shown = kind === 'healthy' ? 1 - top : Math.min(1 - top, Math.max(0.06, height));
    const piece = { kind, top, height: shown };
    top += shown;
    return [piece];
  });
}

function barWords(bar: DatedPastView): string {
  const parts = KINDS.filter((kind) => bar[kind] > 0).map((kind) => `${KIND_WORDS[kind]} ${spell(bar[kind])}`);
  const latency = bar.latency === null ? '' : `, latency ${spellLatency(bar.latency)}`;
  const from = bar.from.includes('T') ? new Date(bar.from).toLocaleString() : bar.from;
  return `${from}: ${parts.length === 0 ? 'not watched' : `${percent(bar.availability)}, ${parts.join(', ')}`}${latency}`;
}

function summary({ restarts, healings, timeToHeal, latency }: PastView): string {
  const healed = healings === 0 ? '' : `, ${healings} healed it`;
  const took = timeToHeal === null ? '' : ` after ${spell(timeToHeal)} on average`;
  const mean = latency === null ? '' : ` Mean latency ${spellLatency(latency)} (the small bars).`;
  return `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}${healed}${took}.${mean}`;
}

/** Never rounded up to all of it. */
export function percent(availability: number | null): string {
  return availability === null ? '–' : `${(Math.floor(availability * 10_000) / 100).toFixed(2)} %`;
}

function usePast(name: string, api: ApiClient): AvailabilityView | null {
  const [past, setPast] = useState<AvailabilityView | null>(null);
  useEffect(() => {
    let over = false;
    const load = async (): Promise<void> => {
      try {
        const found = await api.get<AvailabilityView>(`api/v1/instances/${encodeURIComponent(name)}/availability`);
        if (!over) setPast(found);
      } catch {
        // What is shown stays; the live feed shows that there is no connection.
      }
    };
    void load();
    const timer = setInterval(() => void load(), LOAD_EVERY_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [name, api]);
  return past;
}
