import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { composeValidator } from './compose-schema.ts';
import { typeErrors, validate, type Manifest } from './manifest-types.ts';
import { DEPLOY, documents, filesIn, PATIENCE, read } from './tools.ts';
import { temporaryFolder } from '../temporary-folder.ts';

vi.setConfig({ testTimeout: PATIENCE });

interface Service {
  readonly environment?: Record<string, string>;
  readonly secrets?: readonly string[];
  readonly deploy?: {
    readonly replicas: number;
    readonly labels: Record<string, string>;
    readonly placement: { readonly max_replicas_per_node: number };
    readonly update_config: { readonly parallelism: number; readonly order: string };
    readonly rollback_config: { readonly parallelism: number; readonly order: string };
  };
}
interface Compose {
  readonly services: Record<string, Service>;
  readonly secrets: Record<string, unknown>;
}

const ENV = { REPLICA: 'watchdog-1', POD_NAME: 'pod-1', POD_IP: '10.0.0.7' };

/** Loads a config whose secrets are files of a folder of the test. */
async function loaded(text: string) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'secrets'));
  for (const [name] of text.matchAll(/(?<=\/run\/secrets\/(?:smileapi-watchdog\/)?)[a-z-]+(?=\s|$| \})/gm)) {
    const isUrl = name === 'database-url';
    const content = isUrl ? 'postgres://watchdog:password@postgres:5432/watchdog' : `${name}-of-the-test`;
    writeFileSync(join(folder, 'secrets', name), content, { mode: 0o600 });
  }
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text.replaceAll(/\/run\/secrets\/(?:smileapi-watchdog\/)?/g, `${folder}/secrets/`));
  return await loadConfig(file, ENV);
}

/** The manifests of a text, each of which Kubernetes would accept. */
async function accepted(text: string): Promise<readonly Manifest[]> {
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  expect(typeErrors(manifests)).toEqual([]);
  for (const manifest of manifests) await validate(manifest);
  return manifests;
}

const CHART = join(DEPLOY, 'helm/smileapi-watchdog');
const hasHelm = spawnSync('helm', ['version']).status === 0;

/** What Helm makes of the chart with these values. */
function rendered(...values: readonly string[]): string {
  const set = values.flatMap((value) => ['--set-json', value]);
  const { stdout, stderr } = spawnSync('helm', ['template', 'watch', CHART, ...set], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
}

describe('the deploy kit for several replicas', () => {
  it.each(['compose.replicas.yaml', 'swarm/stack.yaml'])('%s is what the specification of compose allows', (file) => {
    const compose = parse(read(file), { merge: true }) as Compose;
    const validate = composeValidator();
    validate(compose);
    expect(validate.errors).toBeNull();
    for (const service of Object.values(compose.services)) {
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
    }
  });

  it('has replicas of different names, each of which the config accepts', async () => {
    const { services } = parse(read('compose.replicas.yaml'), { merge: true }) as Compose;
    const names = Object.values(services).flatMap(({ environment }) => environment?.['REPLICA'] ?? []);
    expect(names).toEqual(['watchdog-1', 'watchdog-2']);
    const stack = parse(read('swarm/stack.yaml')) as Compose;
    expect(stack.services['watchdog']?.deploy).toMatchObject({ replicas: 3 });
    expect(Object.keys(stack.services['watchdog']?.deploy?.labels ?? {})).toContain(
      'traefik.http.routers.watchdog.rule',
    );
    const { cluster, state } = await loaded(read('replicas/config.yaml'));
    expect(cluster).toMatchObject({ advertise: 'http://watchdog-1:9847', token: 'cluster-token-of-the-test' });
    expect(state.database?.hosts).toEqual([{ host: 'postgres', port: 5432 }]);
  });

  it('has a stack whose update ends: with one replica on each machine, a new one finds room only after an old one', () => {
    const { services } = parse(read('swarm/stack.yaml')) as Compose;
    const oneByOne = { parallelism: 1, order: 'stop-first' };
    expect(services['watchdog']?.deploy).toMatchObject({
      placement: { max_replicas_per_node: 1 },
      update_config: oneByOne,
      rollback_config: oneByOne,
    });
  });

  it.runIf(spawnSync('kubectl', ['version', '--client']).status === 0)(
    'makes three replicas of the base of Kubernetes, without a volume and without a gap',
    async () => {
      const { stdout, stderr } = spawnSync('kubectl', ['kustomize', join(DEPLOY, 'kubernetes/replicas')], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      const manifests = await accepted(stdout);
      const kinds = manifests.map(({ kind }) => kind);
      expect(kinds).toContain('PodDisruptionBudget');
      expect(kinds).not.toContain('PersistentVolumeClaim');
      const deployment = manifests.find(({ kind }) => kind === 'Deployment') as unknown as { spec: object };
      expect(deployment.spec).toMatchObject({
        replicas: 3,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } },
        template: { spec: { volumes: [{ name: 'config' }, { name: 'tokens' }] } },
      });
    },
  );

  it('has a config in Kubernetes that the watchdog accepts', async () => {
    const [map] = documents('kubernetes/replicas/configmap.yaml') as { data: Record<string, string> }[];
    const { cluster } = await loaded(map?.data['config.yaml'] ?? '');
    expect(cluster).toMatchObject({ replica: 'pod-1', advertise: 'http://10.0.0.7:9847' });
  });

  it('has a Helm chart for both forms, whose templates end what they begin', () => {
    const chart = 'helm/smileapi-watchdog';
    expect(parse(read(`${chart}/Chart.yaml`))).toMatchObject({ apiVersion: 'v2', name: 'smileapi-watchdog' });
    expect(parse(read(`${chart}/values.yaml`))).toMatchObject({ replicas: 1 });
    for (const name of readdirSync(join(DEPLOY, chart, 'templates'))) {
      const text = read(`${chart}/templates/${name}`);
      const begun = text.match(/\{\{-? if /g)?.length ?? 0;
      expect(text.match(/\{\{-? end /g)?.length ?? 0, name).toBe(begun);
    }
    expect(filesIn(`${chart}/templates`, '.yaml')).toHaveLength(4);
  });

  it.runIf(hasHelm)('has a Helm chart without mistakes', () => {
    const { status, stdout } = spawnSync('helm', ['lint', '--strict', CHART], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringContaining('0 chart(s) failed')]);
  });

  const ALONE = { kinds: ['ConfigMap', 'Deployment', 'PersistentVolumeClaim', 'Service'], replicas: 1 };
  const SHARED = { kinds: ['ConfigMap', 'Deployment', 'PodDisruptionBudget', 'Service'], replicas: 3 };
  it.runIf(hasHelm).each([
    { ...ALONE, what: 'one watchdog', strategy: { type: 'Recreate' }, volumes: ['config', 'tokens', 'state'] },
    { ...SHARED, what: 'several', strategy: { type: 'RollingUpdate' }, volumes: ['config', 'tokens'] },
  ])('makes of its Helm chart what Kubernetes accepts, and the watchdog: $what', async (form) => {
    const manifests = await accepted(rendered(`replicas=${form.replicas}`));
    expect(manifests.map(({ kind }) => kind).toSorted()).toEqual(form.kinds);
    const only = (kind: string): unknown => manifests.find((manifest) => manifest.kind === kind);
    const { spec } = only('Deployment') as {
      spec: { template: { spec: { volumes: { name: string }[]; containers: { volumeMounts: { name: string }[] }[] } } };
    };
    expect(spec).toMatchObject({ replicas: form.replicas, strategy: form.strategy });
    const { volumes, containers } = spec.template.spec;
    expect(volumes.map(({ name }) => name)).toEqual(form.volumes);
    expect(containers[0]?.volumeMounts.map(({ name }) => name)).toEqual(form.volumes);
    const { data } = only('ConfigMap') as { data: Record<string, string> };
    const { state, cluster, api, instances } = await loaded(data['config.yaml'] ?? '');
    expect(state.database?.hosts).toEqual(form.replicas === 1 ? undefined : [{ host: 'postgres', port: 5432 }]);
    expect(cluster.advertise).toBe(form.replicas === 1 ? null : 'http://10.0.0.7:9847');
    expect(api.token).toBe('watchdog-token-of-the-test');
    expect(instances.map(({ name }) => name)).toEqual(['support']);
  });

  it.runIf(hasHelm)('puts the values of the Helm chart where they belong, whatever they are', async () => {
    const resources = 'resources={"limits":{"memory":"1Gi"}}';
    const image = 'image={"repository":"registry.example.org/a/b","tag":"1.10"}';
    const config = 'config={"accounts":{"b":{"username":"b","token":"a: b # c"}},"instances":null}';
    const text = rendered(resources, image, config, 'storage="3Gi"', 'secret="tokens"', 'replicas="2"');
    const manifests = await accepted(text);
    expect(JSON.stringify(manifests)).toContain('registry.example.org/a/b:1.10');
    expect(JSON.stringify(manifests)).toContain('"secretName":"tokens"');
    const map = manifests.find(({ kind }) => kind === 'ConfigMap') as unknown as { data: Record<string, string> };
    expect(parse(map.data['config.yaml'] ?? '')).toMatchObject({ accounts: { b: { token: 'a: b # c' } } });
  });
});
