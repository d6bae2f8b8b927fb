import { useMemo } from 'preact/hooks';
import { useSpeech } from '../state/page-context.ts';
import { BAR_HEIGHT, BAR_WIDTH, heartbeatPaths, heartbeatWords } from './heartbeat-shape.ts';

/** The last verdicts as one small picture, with the same in words. */
export function HeartbeatBar({ letters }: { readonly letters: string }) {
  const speech = useSpeech();
  const paths = useMemo(() => heartbeatPaths(letters), [letters]);
  return (
    <svg
      class="heartbeats"
      viewBox={`0 0 ${BAR_WIDTH} ${BAR_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={heartbeatWords(letters, speech)}
    >
      <path class="beat-none" d={`M0 ${BAR_HEIGHT - 1}h${BAR_WIDTH}v1H0z`} />
      {paths.map(({ letter, d }) => (
        <path key={letter} class={`beat-${letter}`} d={d} />
      ))}
    </svg>
  );
}
