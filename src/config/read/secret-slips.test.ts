import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../load.ts';
import { ConfigError } from '../problems.ts';

const TOKEN = 'Rk7pSECRETword93qx';
const URL = `https://hooks.example/services/T00/B00/${TOKEN}`;

const account = (lines: string): string => `accounts:\n  acme:\n    username: acme\n${lines}\n`;
const good = (rest: string): string => `${account('    token: "${GOOD}"')}${rest}\n`;
const receiver = (rest: string): string => good(`notify: [{ name: s, url: "https://a.example/b", ${rest} }]`);

/** Slips of the pen: the token stands where it should not, or in a way that YAML takes for something else. */
const SLIPS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['*', '!', '&', '%', '@', '`', '|', '>', '{', '[', '? ', '- ', '#'].map((sign) => {
      return [`behind ${sign}`, account(`    token: ${sign}${TOKEN}`)];
    }),
  ),
  'before a colon': account(`    token: ${TOKEN}: x`),
  'behind a backslash': account(`    token: "\\${TOKEN}"`),
  'behind a backslash x': account(`    token: "\\x${TOKEN}"`),
  'in quotes that are not closed': account(`    token: "${TOKEN}`),
  'behind the quotes': account(`    token: ""${TOKEN}`),
  'behind a block sign': account(`    token: | ${TOKEN}`),
  'with a blank': account(`    token: "${TOKEN} x"`),
  'as the file': account(`    tokenFile: ${TOKEN}`),
  'as the account': `accounts:\n  acme: ${TOKEN}\n`,
  'as the name of the account': `accounts:\n  ${TOKEN}: acme\n`,
  'as a key': account(`    ${TOKEN}: token`),
  'as a key twice': account(`    ${TOKEN}: a\n    ${TOKEN}: b`),
  'joined with its key': account(`    token${TOKEN}: x`),
  'without a colon': account(`    token ${TOKEN}`),
  'without a colon before more': account(`    token ${TOKEN}\n    baseUrl: https://a.example`),
  'in braces': account(`    token: "\${${TOKEN}}"`),
  'in braces that are not closed': account(`    token: "\${${TOKEN}"`),
  'at a misspelt key': account(`    tokn: ${TOKEN}`),
  'as a list': account(`    token: [${TOKEN}]`),
  'as a list of the API': good(`api: { token: [${TOKEN}] }`),
  'as the file of the API': good(`api: { tokenFile: "${TOKEN}" }`),
  'as the whole API': good(`api: ${TOKEN}`),
  'in a base URL': account(`    token: "\${GOOD}"\n    baseUrl: "https://u:${TOKEN}@a.example"`),
  'in the query of a base URL': account(`    token: "\${GOOD}"\n    baseUrl: "https://a.example/?token=${TOKEN}"`),
  'as the gateway': account(`    token: "\${GOOD}"\n    gateway: ${TOKEN}`),
  'as the path of health': account(`    token: "\${GOOD}"\n    healthPath: ${TOKEN} x`),
  'as a state word': account(`    token: "\${GOOD}"\n    stateWords: { ${TOKEN}: ${TOKEN} }`),
  'as a certificate': account(`    token: "\${GOOD}"\n    tls: { caFile: ${TOKEN} }`),
  'as an instance': good(`instances: [${TOKEN}]`),
  'as the account of an instance': good(`instances: [{ account: ${TOKEN}, phoneNumberId: "1" }]`),
  'as the name of an instance': good(`instances: [{ account: acme, phoneNumberId: "1", name: "${TOKEN}!" }]`),
  'as the number of an instance': good(`instances: [{ account: acme, phoneNumberId: "${TOKEN}!" }]`),
  'as a duration': good(`defaults: { probe: { every: ${TOKEN} } }`),
  'as a cron expression': good(`defaults: { probe: { cron: "${TOKEN} * * * *" } }`),
  'as a time zone': good(`defaults: { probe: { cron: "0 * * * *", timezone: ${TOKEN} } }`),
  'as an address': good(`listen: ${TOKEN}`),
  'as a level': good(`log: { level: ${TOKEN} }`),
  'as a window': good(`maintenance: [{ name: w, cron: "0 3 * * *", duration: 1h, accounts: [${TOKEN}] }]`),
  'as the URL of a file': good(`notify: [{ name: s, urlFile: "${URL}" }]`),
  'as a receiver': good(`notify: ["${URL}"]`),
  'as the name of a receiver': good(`notify: [{ name: "${URL}", url: "${URL}" }]`),
  'as the format of a receiver': receiver(`format: "${URL}"`),
  'as a chat': receiver(`format: telegram, chatId: "123456:${TOKEN}"`),
  'as a topic': receiver(`events: ["${TOKEN}"]`),
  'as a signing key': receiver(`secret: "${TOKEN}"`),
  'as a target': good(`connectivity: { targets: ["https://u:${TOKEN}@a.example"] }`),
  'in a heartbeat': good(`heartbeat: { url: "hc.example/${TOKEN}" }`),
  'as a heartbeat': good(`heartbeat: "https://hc.example/${TOKEN}"`),
  'as an included file': good(`include: ["${TOKEN}"]`),
  'in an included file': good(`include: [token.yaml]`),
  'in an included file behind a bracket': good(`include: [bracket.yaml]`),
  'in a column': good(`include: [column.csv]`),
  'in two columns': good(`include: [columns.csv]`),
  'in quotes of a list': good(`include: [quotes.csv]`),
  'in broken JSON': good(`include: [broken.json]`),
  'as a file of JSON': good(`include: [token.json]`),
};

describe('a token that stands in the wrong place', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slips-'));
    const files = {
      'token.yaml': TOKEN,
      'bracket.yaml': `]${TOKEN}`,
      'column.csv': `account,phoneNumberId,${TOKEN}!\nacme,1,x\n`,
      'columns.csv': `account,phoneNumberId,${TOKEN},${TOKEN}\nacme,1,x,y\n`,
      'quotes.csv': `account,phoneNumberId\nacme,"1"${TOKEN}\n`,
      'broken.json': `{"accounts": {"x": {"username": "a", "token": ${TOKEN}"}}}`,
      'token.json': `"${TOKEN}"`,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  });

  it.each(Object.entries(SLIPS))('is in no problem: %s', async (_slip, text) => {
    const file = join(folder, 'config.yaml');
    await writeFile(file, text);
    const found = await loadConfig(file, { GOOD: 'a-good-token' }).then(
      ({ warnings }) => JSON.stringify(warnings),
      (error: unknown) =>
        error instanceof ConfigError ? JSON.stringify(error.problems) + error.message : String(error),
    );
    expect(found).not.toMatch(/SECRETword|RSECRET|k7p/);
  });

  it.each([
    ['the words of a schema', good('log: { level: inf }'), '"inf" is not allowed here. Did you mean "info"?'],
    ['a duration', good('defaults: { probe: { every: 5 minutes } }'), '"5 minutes" is not a duration'],
    ['a name', good('instances: [{ account: acm, phoneNumberId: "1" }]'), 'there is no account "acm"'],
    ['a variable', account('    token: "${N8N_TOKEN_2}"'), 'environment variable N8N_TOKEN_2 is not set'],
    ['a file', account('    tokenFile: /run/secrets/acme-token'), '/run/secrets/acme-token cannot be read'],
  ])('does not keep %s from being repeated', async (_what, text, said) => {
    const file = join(folder, 'config.yaml');
    await writeFile(file, text);
    await expect(loadConfig(file, {})).rejects.toThrow(said);
  });

  it.each([
    ['account', receiver('accounts: ["${ODD}"]')],
    ['gateway', good('gateways: { ours: { extends: "${ODD}" } }')],
    ['receiver', good('defaults: { restart: { escalate: { notify: "${ODD}" } } }')],
  ])('shows the name of a missing %s as it is written, not what its variable holds', async (what, text) => {
    const file = join(folder, 'config.yaml');
    await writeFile(file, text);
    const found = await loadConfig(file, { GOOD: 'a-good-token', ODD: 'nobody' }).catch(String);
    expect(found).toContain(`there is no ${what} "\${ODD}"`);
    expect(found).not.toContain('nobody');
  });
});
