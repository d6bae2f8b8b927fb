import { describe, expect, it } from 'vitest';
import type { IncidentView } from '../../http/views/history-schemas.ts';
import { loadIncidents } from './load-incidents.ts';

const incident: IncidentView = {
  ...{
    kind: 'down',
    name: 'a',
    displayName: null,
    account: 'acme',
    cause: 'timeout',
    endedBy: 'restart',
    trigger: 'failure',
  },
  ...{ began: '2026-11-29T10:00:00.000Z', ended: '2026-11-29T11:00:00.000Z', seconds: 3_600, restarts: 1 },
};

/** An API with this many incidents, and the paths that were requested. */
function apiWith(many: number) {
  const paths: string[] = [];
  let left = many;
  const get = (path: string): Promise<unknown> => {
    paths.push(path);
    const limit = Number(/limit=(\d+)/.exec(path)?.[1]);
    const given = Math.min(limit, left);
    left -= given;
    const nextBefore = left > 0 ? `2026-11-29T11:00:00.${String(paths.length).padStart(3, '0')}Z` : null;
    return Promise.resolve({ incidents: Array<IncidentView>(given).fill(incident), nextBefore });
  };
  return { api: { get: get as <T>(path: string) => Promise<T> }, paths };
}

describe('incidents', () => {
  it('are loaded page by page, because the API gives at most a thousand in one answer', async () => {
    const { api, paths } = apiWith(5_000);
    const page = await loadIncidents(api, 2_200);
    expect([page.incidents.length, page.nextBefore]).toEqual([2_200, '2026-11-29T11:00:00.003Z']);
    expect(paths).toEqual([
      'api/v1/incidents?limit=1000',
      'api/v1/incidents?limit=1000&before=2026-11-29T11%3A00%3A00.001Z',
      'api/v1/incidents?limit=200&before=2026-11-29T11%3A00%3A00.002Z',
    ]);
  });

  it('are not requested again after the last page', async () => {
    const { api, paths } = apiWith(30);
    expect(await loadIncidents(api, 200)).toMatchObject({ incidents: { length: 30 }, nextBefore: null });
    expect(paths).toHaveLength(1);
  });
});
