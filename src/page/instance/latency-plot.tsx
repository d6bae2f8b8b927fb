import { useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { InstanceDetailView } from '../../http/views/schemas.ts';
import type { Speech } from '../speech/speech.ts';
import { useSpeech } from '../state/page-context.ts';

type Probes = InstanceDetailView['probes'];

const HEIGHT = 190;
/** Seconds between the marks of the time axis. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400, 604_800];
const DARK = '(prefers-color-scheme: dark)';

/** How long the last probes took; those that were not good are marked. */
export function LatencyPlot({ probes }: { readonly probes: Probes }) {
  const speech = useSpeech();
  const { each, notGood } = speech.page.plot;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef(probes);
  shown.current = probes;

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsFor(element, speech), dataOf(shown.current), element);
    };
    draw();
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    sizes.observe(element);
    const dark = matchMedia(DARK);
    dark.addEventListener('change', draw);
    return () => {
      dark.removeEventListener('change', draw);
      sizes.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);

  useLayoutEffect(() => plot.current?.setData(dataOf(probes)), [probes]);

  return (
    <figure class="latency">
      <div ref={place} class="plot" role="img" aria-label={latencyWords(probes, speech)} />
      <figcaption>
        <span>
          <span class="legend-line" aria-hidden="true" /> {each}
        </span>
        <span>
          <span class="legend-dot" aria-hidden="true" /> {notGood}
        </span>
      </figcaption>
    </figure>
  );
}

/** The plot in words, for screen readers. */
function latencyWords(probes: Probes, speech: Speech): string {
  const words = speech.page.plot;
  if (probes.length === 0) return words.none;
  const sorted = probes.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const longest = sorted.at(-1) ?? 0;
  const bad = probes.filter(({ verdict }) => verdict !== 'healthy').length;
  return words.words(probes.length, speech.latency(median), speech.latency(longest), bad);
}

function dataOf(probes: Probes): uPlot.AlignedData {
  return [
    probes.map(({ at }) => Date.parse(at) / 1_000),
    probes.map(({ seconds }) => seconds * 1_000),
    probes.map(({ verdict, seconds }) => (verdict === 'healthy' ? null : seconds * 1_000)),
  ];
}

function optionsFor(element: HTMLElement, speech: Speech): uPlot.Options {
  const colour = (name: string): string => {
    // Of light-dark() only the colour of an element is resolved.
    element.style.color = `var(${name})`;
    return getComputedStyle(element).color;
  };
  const font = '11px system-ui, sans-serif';
  const axis = {
    stroke: colour('--muted'),
    font,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [10, 30, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.15)] } },
    axes: [
      {
        ...axis,
        size: 28,
        space: 70,
        incrs: TIME_STEPS,
        values: (_plot, ticks) => ticks.map((tick) => speech.clockTime(tick)),
      },
      { ...axis, size: 62, values: (_plot, ticks) => ticks.map((ms) => speech.latency(ms / 1_000)) },
    ],
    series: [
      {},
      { stroke: colour('--accent'), fill: colour('--accent-soft'), width: 1.5, points: { show: false } },
      { stroke: colour('--bad'), paths: () => null, points: { show: true, size: 8, fill: colour('--bad') } },
    ],
  };
}
