import { useSpeech } from '../state/page-context.ts';
import { BAR_HEIGHT, BEATS } from './heartbeat-shape.ts';

/** What the bars of the last probes mean. */
export function BeatLegend() {
  const { words, page } = useSpeech();
  return (
    <p class="beat-legend">
      <span>{page.beats.legend}</span>
      {BEATS.map(({ letter, verdict, pieces }) => (
        <span key={letter} class="beat-legend-item">
          <svg viewBox={`0 0 4 ${BAR_HEIGHT}`} class="beat-sample" aria-hidden="true">
            <path class={`beat-${letter}`} d={pieces.map(([top, height]) => `M0 ${top}h3v${height}h-3z`).join('')} />
          </svg>
          {words.verdicts[verdict]}
        </span>
      ))}
    </p>
  );
}
