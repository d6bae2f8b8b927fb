import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read, ROOT } from './docs/markdown.ts';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly repository: { readonly url: string };
  readonly bugs: { readonly url: string };
  readonly keywords: readonly string[];
  readonly engines: { readonly node: string };
}

interface Workflow {
  readonly on: object;
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly needs?: string | readonly string[];
  readonly strategy?: { readonly matrix: { readonly node: readonly number[] } };
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: Record<string, unknown> }[];
}

const manifest = JSON.parse(read('package.json')) as Package;
const workflow = (name: string): Workflow => parse(read(`.github/workflows/${name}`)) as Workflow;
const runsOf = (job: Job | undefined): string[] => job?.steps.flatMap(({ run }) => run ?? []) ?? [];

describe('the npm package', () => {
  it('holds the command, the docs and the scenarios, and no source', () => {
    const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    const [{ files }] = JSON.parse(listed) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    const wanted = ['README.pt-BR.md', 'docs/concepts.md', 'docs/screenshots/fleet-light.png', 'config.example.yaml'];
    expect(paths).toEqual(expect.arrayContaining([...wanted, 'scenarios/flapping.txt', 'gateways/smileapi.yaml']));
    expect(paths.filter((path) => /^(src|test|bench)\//.test(path))).toEqual([]);
    expect(manifest.files).toContain(Object.values(manifest.bin)[0]?.split('/')[0]);
  });

  it('is built before it is packed, also in a clean checkout', () => {
    expect(manifest.scripts['prepack']).toBe('node scripts/setup.mjs --build');
  });

  it('says where it comes from', () => {
    const home = 'github.com/smileapi/smileapi-watchdog';
    expect(manifest.repository.url).toBe(`git+https://${home}.git`);
    expect(manifest.bugs.url).toBe(`https://${home}/issues`);
    expect(manifest.keywords).toEqual(expect.arrayContaining(['whatsapp', 'smileapi', 'watchdog']));
  });

  it('has its version in the changelog and in the manifests of Kubernetes', () => {
    expect(read('CHANGELOG.md')).toMatch(new RegExp(`^## ${manifest.version.replaceAll('.', '\\.')}`, 'm'));
    expect(read('deploy/kubernetes/base/kustomization.yaml')).toContain(`newTag: '${manifest.version}'`);
  });
});

describe('CI', () => {
  it('runs the command of .ci/run on every supported version of Node.js', () => {
    const { test } = workflow('ci.yml').jobs;
    expect(test?.strategy?.matrix.node).toEqual([20, 22, 24, 26]);
    expect(runsOf(test)).toContain('.ci/run');
    expect(manifest.engines.node).toMatch(/^>=20\./);
  });

  it('starts with the version of Node.js that the image has', () => {
    const image = /^ARG NODE_IMAGE=(node:(\d+)\S+)/m.exec(read('Dockerfile'));
    expect(read('.nvmrc').trim()).toBe(image?.[2]);
    const released = /NODE_IMAGE: (\S+)@sha256:[0-9a-f]{64}$/m.exec(read('.github/workflows/release.yml'))?.[1];
    expect(released).toBe(image?.[1]);
  });

  it('lets the image have all that is copied into it', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    const allowed = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, name]) => name);
    expect(copied).toContain('src');
    expect(copied.filter((name) => !allowed.includes(name.replace('./', '')))).toEqual([]);
  });
});

describe('a release', () => {
  const { jobs } = workflow('release.yml');

  it('publishes nothing that did not pass the tests', () => {
    expect(runsOf(jobs['test'])).toContain('.ci/run');
    expect([jobs['npm']?.needs, jobs['image']?.needs]).toEqual(['test', 'test']);
  });

  it('publishes to npm with provenance', () => {
    expect(runsOf(jobs['npm'])).toContain('npm publish --provenance --access public');
    expect(jobs['npm']?.permissions).toMatchObject({ 'id-token': 'write' });
  });

  it('makes an image for two architectures, with SBOM and signature', () => {
    const build = jobs['image']?.steps.find(({ uses }) => uses?.startsWith('docker/build-push-action@'));
    expect(build?.with).toMatchObject({ platforms: 'linux/amd64,linux/arm64', push: true, sbom: true });
    expect(runsOf(jobs['image']).some((run) => run.startsWith('cosign sign --yes'))).toBe(true);
  });
});

describe('.github', () => {
  const files = readdirSync(join(ROOT, '.github'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yml'),
  );

  it.each(files)('%s is YAML without a repeated key', (file) => {
    expect(typeof parse(read(`.github/${file}`))).toBe('object');
  });

  it.each(['ci.yml', 'release.yml'])('%s gives its token no right by default but to read', (file) => {
    expect(workflow(file).permissions).toEqual({ contents: 'read' });
  });

  it('has Renovate pin images and actions by digest', () => {
    const { extends: presets } = JSON.parse(read('.github/renovate.json')) as { extends: string[] };
    // It holds docker:pinDigests and helpers:pinGitHubActionDigests.
    expect(presets).toContain('config:best-practices');
  });
});
