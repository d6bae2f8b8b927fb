import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { AUTHORITY, FOR_LOCALHOST, KEY } from '../../test/integration/certificates.ts';
import { DAY, type EpochMs } from '../core/time.ts';
import type { Config } from './config.ts';
import { loadConfig } from './load.ts';

let folder: string;
beforeEach(() => (folder = temporaryFolder()));

/** The config of one account with these keys. */
function load(keys: string, env: Readonly<Record<string, string>> = {}, wall?: EpochMs): Promise<Config> {
  return loadText(`accounts: { acme: { username: acme, token: "\${TOKEN}", ${keys} } }\n`, env, wall);
}

function loadText(text: string, env: Readonly<Record<string, string>>, wall?: EpochMs): Promise<Config> {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, `listen: localhost:0\n${text}instances: [{ account: acme, phoneNumberId: "1" }]\n`);
  return loadConfig(file, { TOKEN: 'the-token', ...env }, wall);
}

describe('the client certificate of an account', () => {
  const tls = 'tls: { caFile: ca.pem, certFile: cert.pem, keyFile: key.pem }';
  const files = (key: string): void => {
    const contents = { 'ca.pem': AUTHORITY, 'cert.pem': `${FOR_LOCALHOST}\n${AUTHORITY}`, 'key.pem': key };
    for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
  };

  it('is read with its chain and its key, from files that are watched', async () => {
    files(KEY);
    const { accounts, files: watched } = await load(tls);
    const client = { cert: `${FOR_LOCALHOST}\n${AUTHORITY}`, key: KEY };
    expect(accounts.get('acme')?.tls).toEqual({ ca: AUTHORITY, client, insecureSkipVerify: false });
    expect(watched).toEqual(['config.yaml', 'ca.pem', 'cert.pem', 'key.pem'].map((name) => join(folder, name)));
  });

  it('is warned of when it is over, or will be within two weeks', async () => {
    files(KEY);
    const endsAt = Date.parse(new X509Certificate(FOR_LOCALHOST).validTo);
    const day = new Date(endsAt).toISOString().slice(0, 10);
    const warned = async (wall: number) => (await load(tls, {}, wall)).warnings.map(({ message }) => message);
    expect(await warned(endsAt + DAY)).toContain(`the certificate in cert.pem expired on ${day}`);
    expect(await warned(endsAt - 13 * DAY)).toContain(`the certificate in cert.pem expires on ${day}`);
    expect((await warned(endsAt - 15 * DAY)).filter((message) => message.includes('expire'))).toEqual([]);
  });

  it('is refused when the key is that of another one', async () => {
    files(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    );
    await expect(load(tls)).rejects.toThrow(/keyFile: key\.pem is not the key of the certificate in "certFile"/);
  });
});

describe('the proxy of what is called', () => {
  const env = { HTTPS_PROXY: 'http://us:pa55word@proxy:3128', no_proxy: 'past.example' };

  it.each([
    ['', 'http://us:pa55word@proxy:3128'],
    ['baseUrl: https://past.example', null],
    ['baseUrl: http://gw.example', null],
    ['proxy: direct', null],
    ['proxy: "http://own:1"', 'http://own:1'],
  ])('is, for an account with { %s }, %s', async (keys, proxy) => {
    const { accounts, secrets } = await load(keys, env);
    expect(accounts.get('acme')?.proxy).toBe(proxy);
    expect(secrets).toContain(env.HTTPS_PROXY);
  });

  it('is that of the environment for webhooks and the heartbeat, too', async () => {
    const more = `} }\nnotify: [{ name: ops, url: "https://a.example/hook" }, { name: near, url: "https://past.example/x" }, { name: own, url: "https://a.example/y", proxy: direct }]\nheartbeat: { url: "https://a.example/z"`;
    const { notify, heartbeat } = await loadText(
      `accounts: { acme: { username: acme, token: "\${TOKEN}" ${more} }\n`,
      env,
    );
    expect(notify.map(({ proxy }) => proxy)).toEqual([env.HTTPS_PROXY, null, null]);
    expect(heartbeat?.proxy).toBe(env.HTTPS_PROXY);
  });

  it.each([
    ['proxy: "socks5://hunter2:1080"', {}],
    ['', { HTTP_PROXY: 'socks5://hunter2:1080' }],
  ])('is refused without being shown: { %s }, %j', async (keys, variables) => {
    const error: unknown = await load(keys, variables).catch((caught: unknown) => caught);
    expect(String(error)).toMatch(/proxy: is not the URL of an HTTP proxy; SOCKS is not spoken\. Write http/i);
    expect(String(error)).not.toContain('hunter2');
    await expect(load('', { ...variables, NO_PROXY: '*' })).resolves.toBeDefined();
  });
});

describe('the headers of an account', () => {
  it('are texts, variables, or what files hold, and all of them are secrets', async () => {
    writeFileSync(join(folder, 'secret'), 'from-a-file\n', { mode: 0o600 });
    const { accounts, warnings, files, secrets } = await load(
      'headers: { CF-Access-Client-Id: "${ID}", CF-Access-Client-Secret: { file: secret }, X-Tenant: acme }',
      { ID: 'from-a-variable' },
    );
    expect(accounts.get('acme')?.headers).toEqual({
      'CF-Access-Client-Id': 'from-a-variable',
      'CF-Access-Client-Secret': 'from-a-file',
      'X-Tenant': 'acme',
    });
    expect(files).toContain(join(folder, 'secret'));
    expect(secrets).toEqual(expect.arrayContaining(['from-a-variable', 'from-a-file']));
    expect(warnings).toEqual([]);
  });

  it.each([
    ['X-Api-Key: hunter2', /is written here in clear text/],
    ['authorization: "${BASIC}"', /takes the place of the header in which the gateway gets the token/],
  ])('%s comes with a warning, which does not show it', async (header, message) => {
    const { warnings } = await load(`headers: { ${header} }`, { BASIC: 'Basic hunter2' });
    expect(warnings.map((warning) => warning.message)).toEqual([expect.stringMatching(message)]);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });
});
