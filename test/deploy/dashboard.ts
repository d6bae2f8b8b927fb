import { read } from './tools.ts';

interface DataSource {
  readonly type: string;
  readonly uid: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly datasource?: DataSource;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly datasource?: DataSource; readonly definition?: string }[];
  };
}

export const DASHBOARD = JSON.parse(read('grafana/dashboards/smileapi-watchdog.json')) as Dashboard;

/** All that the dashboard asks Prometheus, with the title of who asks. */
export function expressions(): { title: string; expr: string }[] {
  const ofPanels = DASHBOARD.panels.flatMap(({ title = '', targets = [] }) =>
    targets.map(({ expr }) => ({ title, expr })),
  );
  const ofAnnotations = DASHBOARD.annotations.list.flatMap(({ name, expr }) =>
    expr === undefined ? [] : [{ title: name, expr }],
  );
  return [...ofPanels, ...ofAnnotations];
}

/** An expression as Grafana sends it, with everything chosen. */
export function withValues(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1h')
    .replaceAll(/\$(account|name)\b/g, '.*');
}
