import { useState } from 'preact/hooks';
import type { AvailabilityView, DatedPastView, PastView } from '../../http/views/history-schemas.ts';
import { CsvButton } from '../parts/csv-button.tsx';
import { LackNote } from '../parts/lack-note.tsx';
import { useLoaded } from '../state/loaded.ts';
import { spell } from '../speech/lengths.ts';
import type { Speech } from '../speech/speech.ts';
import { usePage, useSpeech } from '../state/page-context.ts';

const SPANS = ['24h', '7d', '30d', '90d'] as const;
/** It changes slowly. */
const LOAD_EVERY_MS = 60_000;
const KINDS = ['healthy', 'failing', 'needsHuman', 'unknown', 'paused'] as const;

/** Availability and latency of an instance over four spans, with a bar for each hour or day. */
export function PastCard({ name }: { readonly name: string }) {
  const { api } = usePage();
  const speech = useSpeech();
  const { frame, past: words } = speech.page;
  const [span, setSpan] = useState<(typeof SPANS)[number]>('24h');
  const path = `api/v1/instances/${encodeURIComponent(name)}/availability`;
  const { found: past, lacking } = useLoaded(
    { load: () => api.get<AvailabilityView>(path), again: () => LOAD_EVERY_MS },
    [path, api],
  );
  const lack = lacking && <LackNote lines={[frame.lacking]} />;
  if (past === null) return lack || <p class="empty">{frame.loading}</p>;
  const bars = span === '24h' ? past.hours.slice(-24) : past.days.slice(-Number.parseInt(span, 10));
  const whole = past.spans[span];
  return (
    <>
      {lack}
      <div class="spans" role="group" aria-label={words.span}>
        {SPANS.map((each) => (
          <button key={each} type="button" class="span" aria-pressed={each === span} onClick={() => setSpan(each)}>
            <span class="span-name">{words.spans[each]}</span>
            <span class="span-value">{speech.percent(past.spans[each].availability)}</span>
          </button>
        ))}
      </div>
      <PastBars bars={bars} />
      <ul class="past-legend">
        {KINDS.map((kind) => (
          <li key={kind}>
            <span class={`past-sample past-${kind}`} aria-hidden="true" /> {words.kinds[kind]}{' '}
            {whole[kind] === 0 ? '' : spell(whole[kind])}
          </li>
        ))}
      </ul>
      <p class="more">{summary(whole, speech)}</p>
      <CsvButton path={`${path}?format=csv`} file={`${name}.csv`} />
      {past.since !== null && <p class="more">{words.since(speech.day(past.since), past.timezone)}</p>}
    </>
  );
}

/** What was, in the order of time; each bar is filled by what part of it was what. */
function PastBars({ bars }: { readonly bars: readonly DatedPastView[] }) {
  const speech = useSpeech();
  const slowest = Math.max(0.001, ...bars.map(({ latency }) => latency ?? 0));
  return (
    <div class="past-scroll" role="region" aria-label={speech.page.past.bars} tabIndex={0}>
      <ol class="past-bars">
        {bars.map((bar) => (
          <li key={bar.from} title={barWords(bar, speech)}>
            <span class="hidden">{barWords(bar, speech)}</span>
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
function piecesOf(
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

function barWords(bar: DatedPastView, speech: Speech): string {
  const words = speech.page.past;
  const parts = KINDS.filter((kind) => bar[kind] > 0).map((kind) => `${words.kinds[kind]} ${spell(bar[kind])}`);
  const latency = bar.latency === null ? '' : words.latency(speech.latency(bar.latency));
  const from = bar.from.includes('T') ? speech.hour(bar.from) : speech.day(bar.from);
  const was = parts.length === 0 ? words.notWatched : [speech.percent(bar.availability), ...parts].join(', ');
  return `${from}: ${was}${latency}`;
}

function summary({ restarts, healings, timeToHeal, latency }: PastView, speech: Speech): string {
  const words = speech.page.past;
  const mean = latency === null ? '' : ` ${words.meanLatency(speech.latency(latency))}`;
  return `${words.restarts(restarts, healings, timeToHeal === null ? '' : spell(timeToHeal))}${mean}`;
}
