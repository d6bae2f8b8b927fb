import { describe, expect, it } from 'vitest';
import { PAGE_CATALOGUE } from '../../language/en/page-catalogue.ts';
import { Speech } from '../speech/speech.ts';
import { heartbeatPaths, heartbeatWords } from './heartbeat-shape.ts';

const ENGLISH = new Speech('en', PAGE_CATALOGUE);

describe('heartbeats', () => {
  it('are one path for each verdict that occurs, the newest at the right end', () => {
    expect(heartbeatPaths('hu')).toEqual([
      { letter: 'h', d: 'M232 9h3v11h-3z' },
      { letter: 'u', d: 'M236 0h3v20h-3z' },
    ]);
    expect(heartbeatPaths('')).toEqual([]);
  });

  it('look different for each verdict without any colour', () => {
    const shapes = ['h', 'u', 't', 'n', 'i'].map((letter) => heartbeatPaths(letter)[0]?.d);
    expect(new Set(shapes).size).toBe(5);
  });

  it('are described in words', () => {
    expect(heartbeatWords('hhhu', ENGLISH)).toBe('Last 4 probes: 3 healthy, 1 unhealthy; the newest unhealthy');
    expect(heartbeatWords('', ENGLISH)).toBe('No probes yet');
  });
});
