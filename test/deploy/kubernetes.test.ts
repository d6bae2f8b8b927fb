import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { typeErrors, validate, type Manifest } from './manifest-types.ts';
import { RULE_FILES, type RuleFile } from './metric-names.ts';
import { DEPLOY, documents, filesIn, PATIENCE, read } from './tools.ts';
import { temporaryFolder } from '../temporary-folder.ts';

vi.setConfig({ testTimeout: PATIENCE });

const BASE = 'kubernetes/base';
const OPERATOR = 'kubernetes/with-prometheus-operator';
const KUSTOMIZATIONS = [BASE, OPERATOR].map((folder) => `${folder}/kustomization.yaml`);

const FILES = [BASE, OPERATOR].flatMap((folder) => filesIn(folder, '.yaml')).filter((f) => !KUSTOMIZATIONS.includes(f));
const manifests = FILES.flatMap((file) => documents(file) as Manifest[]);

interface Deployment {
  spec: {
    replicas: number;
    strategy: { type: string };
    selector: { matchLabels: object };
    template: {
      metadata: { labels: object };
      spec: {
        automountServiceAccountToken: boolean;
        securityContext: object;
        containers: {
          image: string;
          ports: { name: string; containerPort: number }[];
          securityContext: object;
          livenessProbe: object;
          readinessProbe: object;
          volumeMounts: { name: string; mountPath: string; readOnly?: boolean; subPath?: string }[];
        }[];
        volumes: {
          name: string;
          configMap?: { name: string };
          secret?: { secretName: string };
          persistentVolumeClaim?: { claimName: string };
        }[];
      };
    };
  };
}

const only = (kind: string): unknown => manifests.find((manifest) => manifest.kind === kind);
const deployment = (only('Deployment') as Deployment).spec;
const pod = deployment.template.spec;
const container = pod.containers[0]!;
const mount = (name: string) => container.volumeMounts.find((volume) => volume.name === name);
const config = (only('ConfigMap') as { data: Record<string, string> }).data['config.yaml'] ?? '';

describe('manifests of Kubernetes', () => {
  it.each(manifests.map((manifest) => [manifest.kind, manifest] as const))(
    'the %s is what the schema of Kubernetes allows',
    async (_kind, manifest) => {
      await expect(validate(manifest)).resolves.toBeUndefined();
    },
  );

  it('have no key that Kubernetes does not know', () => {
    expect(typeErrors(manifests)).toEqual([]);
    const misspelt = manifests.map((manifest) =>
      manifest.kind === 'Deployment'
        ? (JSON.parse(JSON.stringify(manifest).replace('readOnlyRootFilesystem', 'readonlyRootFilesystem')) as Manifest)
        : manifest,
    );
    expect(typeErrors(misspelt).join()).toContain(`'"readonlyRootFilesystem"' does not exist`);
  });

  it('are all applied by a kustomization, and nothing else is', () => {
    const named = KUSTOMIZATIONS.flatMap((file) => {
      const [kustomization] = documents(file) as { kind: string; namespace: string; resources: string[] }[];
      expect(kustomization).toMatchObject({ kind: 'Kustomization', namespace: 'smileapi-watchdog' });
      return kustomization!.resources.map((resource) => join(file, '..', resource));
    });
    expect(new Set(named)).toEqual(new Set([...FILES, BASE]));
  });

  it('run exactly one watchdog, and end the old one before the new one begins', () => {
    expect(deployment).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(deployment.template.metadata.labels).toMatchObject(deployment.selector.matchLabels);
  });

  it('give it no rights: no root, no writable root file system, no capability, no token of Kubernetes', () => {
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('ask the health and the readiness of the watchdog', () => {
    expect(container.livenessProbe).toMatchObject({ httpGet: { path: '/-/healthy', port: 'http' } });
    expect(container.readinessProbe).toMatchObject({ httpGet: { path: '/-/ready', port: 'http' } });
    expect(container.ports).toEqual([{ name: 'http', containerPort: 9847 }]);
  });

  it('mount config and tokens as folders, so that a change arrives without a restart', () => {
    for (const name of ['config', 'tokens']) {
      expect(mount(name)?.readOnly).toBe(true);
      expect(mount(name)?.subPath).toBeUndefined();
    }
    expect(mount('config')?.mountPath).toBe('/etc/smileapi-watchdog');
    const name = (kind: string): string => (only(kind) as Manifest).metadata.name;
    expect(pod.volumes).toEqual([
      { name: 'config', configMap: { name: name('ConfigMap') } },
      { name: 'tokens', secret: { secretName: 'smileapi-watchdog', defaultMode: 0o440 } },
      { name: 'state', persistentVolumeClaim: { claimName: name('PersistentVolumeClaim') } },
    ]);
    expect(read(`${BASE}/kustomization.yaml`)).not.toContain('configMapGenerator');
  });

  it('run it with a config that loads', async () => {
    const folder = temporaryFolder();
    const ours = ['hook', 'gateway-hook', 'read', 'metrics'].map((purpose) => `watchdog-${purpose}-token`);
    const tokens = ['smileapi-token', 'watchdog-token', ...ours];
    for (const token of tokens) writeFileSync(join(folder, token), `content-of-${token}`);
    const path = mount('tokens')!.mountPath;
    expect(config).toContain(path);
    writeFileSync(join(folder, 'config.yaml'), config.replaceAll(path, folder));
    const loaded = await loadConfig(join(folder, 'config.yaml'), {});
    expect(loaded.instances.length).toBeGreaterThan(0);
    expect(loaded.listen).toMatchObject({ port: 9847 });
    expect(loaded.state.path).toMatch(new RegExp(`^${mount('state')!.mountPath}/`));
    // The secret that deploy/README.md makes has them all.
    for (const token of tokens) expect(read('README.md')).toContain(`--from-file=${token}=`);
  });

  it('have a service and a monitor that find the pod, under the job that the alerts ask for', () => {
    interface Selecting {
      metadata: { labels: Record<string, string> };
      spec: {
        selector: { matchLabels?: object };
        ports: { name: string; targetPort: string }[];
        jobLabel: string;
        endpoints: { port: string }[];
      };
    }
    const service = only('Service') as Selecting;
    const monitor = (only('ServiceMonitor') as Selecting).spec;
    expect(deployment.template.metadata.labels).toMatchObject(service.spec.selector);
    expect(service.metadata.labels).toMatchObject(monitor.selector.matchLabels ?? { none: true });
    expect(service.metadata.labels[monitor.jobLabel]).toBe('smileapi-watchdog');
    expect(monitor.endpoints.map(({ port }) => port)).toEqual(service.spec.ports.map(({ name }) => name));
  });

  it('carry the same dashboard as the file for Grafana, where its sidecar looks for it', () => {
    const file = `${OPERATOR}/dashboard.yaml`;
    const json = read('grafana/dashboards/smileapi-watchdog.json');
    const map = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'smileapi-watchdog-dashboard', labels: { grafana_dashboard: '1' } },
      data: { 'smileapi-watchdog.json': `${JSON.stringify(JSON.parse(json))}\n` },
    };
    if (process.env['UPDATE'] === '1') writeFileSync(join(DEPLOY, file), stringify(map, { lineWidth: 0 }));
    expect(documents(file)[0], 'run with UPDATE=1').toEqual(map);
  });

  it('carry the same rules as the files for Prometheus', () => {
    const file = `${OPERATOR}/prometheusrule.yaml`;
    const groups = RULE_FILES.flatMap((name) => (documents(name) as RuleFile[])[0]!.groups);
    if (process.env['UPDATE'] === '1') {
      const { spec: _old, ...head } = parse(read(file)) as Record<string, unknown>;
      writeFileSync(join(DEPLOY, file), stringify({ ...head, spec: { groups } }, { lineWidth: 110 }));
    }
    expect((only('PrometheusRule') as { spec: object }).spec, 'run with UPDATE=1').toEqual({ groups });
  });
});
