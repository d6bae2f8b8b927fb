import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../time/clock.ts';
import { runCommandLine } from './program.ts';

const scenarios = join(import.meta.dirname, '../../scenarios');

describe('simulate', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'smileapi-watchdog-simulate-'));
    const instances = ['a', 'b', 'c', 'd', 'e'].map(
      (name, id) => `  - { account: acme, phoneNumberId: "${id}", name: ${name} }`,
    );
    const accounts = 'accounts:\n  acme: { username: acme, token: secret-token }\n';
    writeFileSync(join(folder, 'config.yaml'), `${accounts}instances:\n${instances.join('\n')}\n`);
    writeFileSync(join(folder, 'single.yaml'), `${accounts}instances:\n${instances[0] ?? ''}\n`);
    const careful = 'guard: { startup: 0s }\ndefaults: { restart: { grace: 10m, stableFor: 3h } }\n';
    writeFileSync(join(folder, 'careful.yaml'), `${careful}${accounts}instances:\n${instances.join('\n')}\n`);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function simulate(
    scenario: string,
    config = 'config.yaml',
  ): Promise<{ code: number; text: string; columns: string[][] }> {
    let text = '';
    const write = (part: string): void => {
      text += part;
    };
    const streams = { interactive: false, progress: false, write, writeError: write, onHangup: () => undefined };
    const code = await runCommandLine(['simulate', '-c', join(folder, config), '--scenario', scenario], {
      clock: systemClock(),
      env: {},
      stop: new AbortController().signal,
      ...streams,
    });
    const table = text.slice(text.indexOf('NAME ')).trim().split('\n').slice(1);
    return { code, text, columns: table.map((line) => line.split(/ {2,}/)) };
  }

  const restarts = ({ columns }: { columns: string[][] }): number =>
    columns.reduce((sum, [, , count]) => sum + Number(count), 0);

  it('restarts nothing while the gateway is down, and shows what held restarts', async () => {
    const result = await simulate(join(scenarios, 'gateway-outage.txt'));
    expect(result.code).toBe(0);
    expect(restarts(result)).toBe(0);
    expect(result.columns.map(([, down]) => down)).toEqual(['20m', '20m', '20m', '20m', '20m']);
    expect(result.text).toContain('gateway_outage');
  });

  it('restarts nothing for an expired token', async () => {
    const result = await simulate(join(scenarios, 'token-expired.txt'));
    expect(restarts(result)).toBe(0);
    expect(result.text).toContain('needs a human');
  });

  it('heals a mass disconnect, and says the same each time', async () => {
    const result = await simulate(join(scenarios, 'mass-disconnect.txt'));
    expect(restarts(result)).toBeGreaterThanOrEqual(3);
    expect(await simulate(join(scenarios, 'mass-disconnect.txt'))).toEqual(result);
  });

  it('lets one instance flap, with fewer restarts each hour, and leaves the others alone', async () => {
    const result = await simulate(join(scenarios, 'flapping.txt'));
    const [first, ...others] = result.columns;
    expect(Number(first?.[2])).toBeGreaterThanOrEqual(3);
    expect(Number(first?.[2])).toBeLessThanOrEqual(5);
    expect(first?.[4]).toBe('cooldown, budget');
    expect(others.map(([, , restarts]) => restarts)).toEqual(['0', '0', '0', '0']);
  });

  it('shows with slow recovery what a longer grace is good for', async () => {
    const usual = await simulate(join(scenarios, 'slow-recovery.txt'));
    const careful = await simulate(join(scenarios, 'slow-recovery.txt'), 'careful.yaml');
    expect(usual.text).toContain('did not heal a within its grace');
    expect(careful.text).not.toContain('did not heal');
    expect(restarts(careful)).toBe(1);
  });

  it.each(readdirSync(scenarios))('has results for a single instance with the shipped %s', async (file) => {
    const { text, columns } = await simulate(join(scenarios, file), 'single.yaml');
    expect(text).not.toContain('Nothing happened');
    expect(columns).toHaveLength(1);
    expect(columns[0]?.[1]).not.toBe('0s');
  });

  it('ships the usual cases', () => {
    const shipped = ['flapping', 'gateway-outage', 'mass-disconnect', 'slow-recovery', 'token-expired'];
    expect(readdirSync(scenarios).sort()).toEqual(shipped.map((name) => `${name}.txt`));
  });

  it.each(readdirSync(scenarios))('understands the shipped %s, and prints no secret', async (file) => {
    const { code, text } = await simulate(join(scenarios, file));
    expect(code).toBe(0);
    expect(text).not.toContain('secret-token');
  });

  it('names file and line of every mistake', async () => {
    const file = join(folder, 'bad.txt');
    writeFileSync(file, 'at 5m all disconnected\nat 6m nobody knows\nfoo\n');
    const { code, text } = await simulate(file);
    expect(code).toBe(2);
    expect(text).toContain(`${file}:2: `);
    expect(text).toContain(`${file}:3: `);
  });

  it('names the line of an instance that is not configured', async () => {
    const file = join(folder, 'stranger.txt');
    writeFileSync(file, 'at 5m zed disconnected\n');
    const { code, text } = await simulate(file);
    expect(code).toBe(2);
    expect(text).toContain(`${file}:1: there is no instance zed`);
  });
});
