import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { composeValidator } from './compose-schema.ts';
import { DEPLOY, documents, read } from './tools.ts';
import { temporaryFolder } from '../temporary-folder.ts';

interface Service {
  read_only?: boolean;
  user?: string;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  pids_limit?: number;
  privileged?: boolean;
  ports?: string[];
  volumes?: string[];
  secrets?: string[];
}
interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
}

const FILES = ['compose.yaml', 'compose.stack.yaml'];
const files = FILES.map((file) => documents(file)[0] as Compose);
const services = files.flatMap((file) => Object.entries(file.services));
const together = (key: 'secrets' | 'volumes'): Set<string> => new Set(files.flatMap((file) => Object.keys(file[key])));

describe('files of compose', () => {
  it.each(FILES)('%s is what the specification of compose allows', (file) => {
    const validate = composeValidator();
    validate(documents(file)[0]);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { watchdog: { image: 'x', read_onyl: true } } })).toBe(false);
  });

  it.runIf(spawnSync('docker', ['compose', 'version']).status === 0)('are what docker compose takes', () => {
    const args = FILES.flatMap((file) => ['-f', join(DEPLOY, file)]);
    expect(spawnSync('docker', ['compose', ...args, 'config', '--quiet'], { encoding: 'utf8' }).stderr).toBe('');
  });

  it.each([...FILES, 'compose.replicas.yaml'])(
    '%s names the digest of every image but ours, which is built',
    (file) => {
      const images = [...read(file).matchAll(/^ +image: (?<image>.+)$/gm)].map(({ groups }) => groups?.['image']);
      expect(images).not.toEqual([]);
      for (const image of images) expect(image).toMatch(/^(smileapi-watchdog|.+:v?\d.*@sha256:[0-9a-f]{64})$/);
    },
  );

  it.each(services)('%s has no more rights than it needs', (_, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    expect(service.privileged).toBeUndefined();
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(service).toMatchObject({
      mem_limit: expect.any(String) as string,
      pids_limit: expect.any(Number) as number,
    });
  });

  it.each(services)('%s gets what there is, and may not change it', (_, service) => {
    for (const volume of service.volumes ?? []) {
      const [from = '', , mode] = volume.split(':');
      if (from.startsWith('.')) {
        expect(existsSync(join(DEPLOY, from)), from).toBe(true);
        expect(mode).toBe('ro');
      } else {
        expect(together('volumes').has(from), from).toBe(true);
      }
    }
    for (const secret of service.secrets ?? []) expect(together('secrets').has(secret), secret).toBe(true);
  });

  it('keep all secrets in the folder that git ignores', () => {
    for (const { secrets } of files) {
      for (const [name, { file }] of Object.entries(secrets)) expect(file).toBe(`./secrets/${name}`);
    }
    expect(read('secrets/.gitignore')).toBe('*\n!.gitignore\n');
  });

  it('run the watchdog with a config that loads', async () => {
    const folder = temporaryFolder();
    const secrets = files[0]!.services['watchdog']!.secrets ?? [];
    const contents = (secret: string): string =>
      secret === 'notify-url' ? 'https://ntfy.example/topic' : `content-of-${secret}`;
    for (const secret of secrets) writeFileSync(join(folder, secret), contents(secret));
    writeFileSync(join(folder, 'config.yaml'), read('watchdog/config.yaml').replaceAll('/run/secrets', folder));
    const config = await loadConfig(join(folder, 'config.yaml'), {});
    expect(config.instances.length).toBeGreaterThan(0);
    expect(config.api).toMatchObject({
      token: 'content-of-watchdog-token',
      hookToken: 'content-of-watchdog-hook-token',
      gatewayHookToken: 'content-of-watchdog-gateway-hook-token',
      readToken: 'content-of-watchdog-read-token',
      metricsToken: 'content-of-watchdog-metrics-token',
    });
    expect(config.notify).toMatchObject([{ format: 'ntfy', url: 'https://ntfy.example/topic' }]);
    const mounted = (files[0]!.services['watchdog']!.volumes ?? []).map((volume) => volume.split(':')[1]);
    expect(mounted).toContain(config.state.path);
  });

  it('have an Alertmanager that starts with an address alone, and says loudly that there is none', () => {
    const folder = temporaryFolder();
    const [, stack] = files;
    const [, , script = ''] = (stack!.services['alertmanager'] as Service & { entrypoint: string[] }).entrypoint;
    const here = script
      .replaceAll('$$', '$')
      .replaceAll(/\/run\/secrets|\/tmp/g, folder)
      .replace('/etc/alertmanager', join(DEPLOY, 'alertmanager'))
      .replace(/exec .*/, `cat ${folder}/alertmanager.yml`);
    const start = (url: string) => {
      writeFileSync(join(folder, 'notify-url'), url);
      return spawnSync('sh', ['-ec', here], { encoding: 'utf8' });
    };
    for (const url of ['', 'fill me in\n', 'https://']) {
      expect(start(url)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('NO ALERT REACHES ANYBODY') as string,
      });
    }
    const { status, stdout } = start('https://ntfy.example/topic\n');
    expect(status).toBe(0);
    expect(stdout).toContain('url: https://ntfy.example/topic?template=alertmanager\n');
    expect(stdout).not.toContain('.invalid/');
  });

  it('let everybody find each other by name', () => {
    const names = new Set(services.map(([name]) => name));
    const texts = [
      'prometheus/prometheus.yml',
      'alertmanager/alertmanager.yml',
      'grafana/provisioning/datasources/prometheus.yaml',
    ];
    const hosts = texts.flatMap((file) =>
      [...read(file).matchAll(/(?:http:\/\/|\[)([a-z]+):\d+/g)].map(([, host]) => host!),
    );
    // Where people reach the page, from their own machine.
    const inside = hosts.filter((host) => host !== 'localhost');
    expect(new Set(inside)).toEqual(new Set(['watchdog', 'alertmanager', 'prometheus']));
    expect(inside.filter((host) => !names.has(host))).toEqual([]);
  });
});
