import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { DASHBOARD, expressions, withValues, type Panel } from './dashboard.ts';
import { unknownMetrics } from './metric-names.ts';
import { documents, have, PATIENCE, run } from './tools.ts';
import { temporaryFolder } from '../temporary-folder.ts';

vi.setConfig({ testTimeout: PATIENCE });

describe('dashboard of Grafana', () => {
  it.runIf(have('promtool'))('asks only what Prometheus understands', () => {
    const folder = temporaryFolder();
    const rules = expressions().map(({ expr }, i) => ({ record: `panel:${i}`, expr: withValues(expr) }));
    writeFileSync(join(folder, 'rules.yml'), stringify({ groups: [{ name: 'panels', rules }] }));
    const { status, output } = run('promtool', ['check', 'rules', 'rules.yml'], { cwd: folder });
    expect(output).toContain(`${rules.length} rules found`);
    expect(status).toBe(0);
  });

  it.each(expressions())('asks only for metrics that there are: $title', ({ expr }) => {
    expect(unknownMetrics(withValues(expr))).toEqual([]);
  });

  it('has an expression in each panel, and a description wherever the title does not say it all', () => {
    const panels = DASHBOARD.panels.filter(({ type }) => type !== 'row');
    expect(panels.length).toBeGreaterThan(20);
    expect(panels.filter(({ targets }) => (targets ?? []).length === 0)).toEqual([]);
    expect(panels.filter(({ title }) => (title ?? '') === '')).toEqual([]);
  });

  it('takes data source, account, instance and the address of the status page from variables, and has no other', () => {
    const { list } = DASHBOARD.templating;
    expect(list.map(({ name }) => name)).toEqual(['datasource', 'account', 'name', 'page']);
    const sources = [...DASHBOARD.panels.filter(({ type }) => type !== 'row'), ...list.slice(1, 3)];
    for (const { datasource } of sources) expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
    const used = expressions().flatMap(({ expr }) => expr.match(/\$\w+/g) ?? []);
    expect(new Set(used)).toEqual(new Set(['$account', '$name', '$__range', '$__rate_interval']));
    for (const { definition } of list.slice(1, 3)) {
      const [, query = ''] = /^label_values\((.*), \w+\)$/.exec(definition ?? '') ?? [];
      expect(query).not.toBe('');
      expect(unknownMetrics(withValues(query))).toEqual([]);
    }
  });

  it('puts its panels beside and below each other', () => {
    const ids = DASHBOARD.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const collides = (a: Panel['gridPos'], b: Panel['gridPos']): boolean =>
      a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
    for (const [i, { gridPos, title }] of DASHBOARD.panels.entries()) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      const others = DASHBOARD.panels.slice(i + 1).filter((other) => collides(gridPos, other.gridPos));
      expect(others.map((other) => `${title} and ${other.title}`)).toEqual([]);
    }
  });

  it('is found by the provisioning, with a data source of its kind', () => {
    const [sources] = documents('grafana/provisioning/datasources/prometheus.yaml');
    expect(sources).toMatchObject({
      apiVersion: 1,
      datasources: [{ type: 'prometheus', url: 'http://prometheus:9090' }],
    });
    const [dashboards] = documents('grafana/provisioning/dashboards/smileapi-watchdog.yaml');
    const [stack] = documents('compose.stack.yaml') as [{ services: { grafana: { volumes: string[] } } }];
    const [, path] = stack.services.grafana.volumes[1]?.split(':') ?? [];
    expect(stack.services.grafana.volumes[1]).toMatch(/^\.\/grafana\/dashboards:/);
    expect(dashboards).toMatchObject({ apiVersion: 1, providers: [{ type: 'file', options: { path } }] });
  });
});
