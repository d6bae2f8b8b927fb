import { HEARTBEATS } from '../state/fleet-rows.ts';
import type { Speech } from '../speech/speech.ts';

/** A verdict's letter, the verdict, and the piece of its bar: from the top down, in a field of ten by twenty. */
export const BEATS = [
  { letter: 'h', verdict: 'healthy', pieces: [[9, 11]] },
  { letter: 'u', verdict: 'unhealthy', pieces: [[0, 20]] },
  { letter: 't', verdict: 'transitional', pieces: [[5, 15]] },
  {
    letter: 'n',
    verdict: 'needs_human',
    pieces: [
      [0, 12],
      [15, 5],
    ],
  },
  { letter: 'i', verdict: 'inconclusive', pieces: [[16, 4]] },
] as const;

/** Width and height of the picture, in its own units. */
export const BAR_WIDTH = HEARTBEATS * 4;
export const BAR_HEIGHT = 20;

/** One path per verdict that occurs: height and gaps distinguish them without colour. The newest is at the right end. */
export function heartbeatPaths(letters: string): readonly { readonly letter: string; readonly d: string }[] {
  const first = HEARTBEATS - letters.length;
  return BEATS.flatMap(({ letter, pieces }) => {
    let d = '';
    for (let index = 0; index < letters.length; index += 1) {
      if (letters.charAt(index) !== letter) continue;
      const x = (first + index) * 4;
      for (const [top, height] of pieces) d += `M${x} ${top}h3v${height}h-3z`;
    }
    return d === '' ? [] : [{ letter, d }];
  });
}

/** The same in words, for screen readers. */
export function heartbeatWords(letters: string, { words, page: { beats } }: Speech): string {
  if (letters === '') return beats.none;
  const parts = BEATS.flatMap(({ letter, verdict }) => {
    const many = letters.split(letter).length - 1;
    return many === 0 ? [] : [`${many} ${words.verdicts[verdict]}`];
  });
  const last = BEATS.find(({ letter }) => letters.endsWith(letter));
  return beats.probes(letters.length, parts.join(', '), last === undefined ? '' : words.verdicts[last.verdict]);
}
