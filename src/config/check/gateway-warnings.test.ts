import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtIn } from '../../../test/gateway/answers.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { problemIn } from '../../language/problem-sentences.ts';
import { loadConfig } from '../load.ts';
import type { Warning } from '../problems.ts';
import { unprovenGateways } from './gateway-warnings.ts';

it('names each built-in gateway that never ran beside the program once, with its accounts', () => {
  const of = (name: string, gateway: string) => ({ name, gateway, profile: builtIn(gateway) });
  const ours = { name: 'd', gateway: 'ours', profile: builtIn('wuzapi') };
  const accounts = [
    of('a', 'gowa'),
    of('b', 'evolution'),
    of('c', 'gowa'),
    of('e', 'smileapi'),
    of('f', 'z-api'),
    ours,
  ];
  expect(unprovenGateways(accounts)).toEqual([
    { gateway: 'gowa', accounts: ['a', 'c'], proof: 'not proven: from its source' },
    { gateway: 'z-api', accounts: ['f'], proof: "not proven: from its maker's documentation" },
  ]);
});

/** What `check` says of a gateway that extends WAHA. */
async function warningsOf(description: string): Promise<readonly Warning[]> {
  const file = join(temporaryFolder(), 'config.yaml');
  const account = 'accounts: { acme: { gateway: ours, baseUrl: "http://x", token: "${TOKEN}" } }';
  const instances = 'instances: [{ account: acme, id: a }]';
  await writeFile(file, `gateways: { ours: { extends: waha, ${description} } }\n${account}\n${instances}\n`);
  const { warnings } = await loadConfig(file, { TOKEN: 'token-of-acme-12345' });
  return warnings.filter(({ path }) => path.startsWith('gateways'));
}

describe('a gateway of the config is warned of', () => {
  it.each([
    ['remedies: [{ steps: [{ post: /stop }, { get: "/session/terminate/{id}" }] }]', 'remedies[0].steps[1].get'],
    ['remedies: [{ steps: [{ delete: "/x/{id}" }] }]', 'remedies[0].steps[0].delete'],
    ['remedies: [{ steps: [{ post: /rpc, body: { do: [{ name: LOGOUT }] } }] }]', 'remedies[0].steps[0].post'],
    ['probe: { get: "/session/terminate/{id}" }', 'probe.get'],
    ['detail: { on: [WORKING], post: "/logout/{id}", rules: [] }', 'detail.post'],
    ['health: { get: /unhealthy }', 'health.get'],
    ['list: { delete: /sessions }', 'list.delete'],
    ['send: { post: /clear-session }', 'send.post'],
    ['probe: { get: "/{id}/log_out" }', 'probe.get'],
    ['probe: { get: "/sign-out/{id}" }', 'probe.get'],
    ['probe: { get: "/{id}/unpair" }', 'probe.get'],
    ['probe: { get: "/device/unlink?id={id}" }', 'probe.get'],
  ])('where a call may end the session: %s', async (description, place) => {
    const found = await warningsOf(description);
    const message = 'this call may log the instance out or remove it, so that a person must pair it again';
    expect(found).toMatchObject([{ path: `gateways.ours.${place}`, line: 1, message }]);
  });

  it.each([
    ['remedies: [{ steps: [{ post: /a }] }, { on: [x], steps: [{ post: /b }] }]', 'remedies[1]'],
    ['remedies: [{ on: [x-y], steps: [{ post: /a }] }, { on: [X Y], steps: [{ post: /b }] }]', 'remedies[1]'],
  ])('where a remedy is never applied: %s', async (description, place) => {
    expect(await warningsOf(description)).toMatchObject([
      { path: `gateways.ours.${place}`, message: 'is never applied' },
    ]);
  });

  it.each([
    ['connected: [ON, up], stopped: [down, o-n]', 'stopped[1]', 'stands under connected as well'],
    ['banned: [gone], not_found: [Gone]', 'not_found[0]', 'stands under banned as well'],
  ])('where a word has two meanings: %s', async (words, place, message) => {
    expect(await warningsOf(`state: { words: { ${words} } }`)).toMatchObject([
      { path: `gateways.ours.state.words.${place}`, message },
    ]);
    expect(await warningsOf('state: { words: { connected: [ON, o-n] } }')).toEqual([]);
  });

  it.each([
    ['probe: { get: "/{id}/{page}" }', 'probe.get', 'page'],
    ['remedies: [{ steps: [{ post: /x, body: { number: "{to}" } }] }]', 'remedies[0].steps[0].post', 'to'],
    ['list: { get: "/x?text={text}" }', 'list.get', 'text'],
    ['headers: { X-Page: "{page}" }', 'headers', 'page'],
  ])('where a name is never filled in: %s', async (description, place, name) => {
    expect(await warningsOf(description)).toMatchObject([
      { path: `gateways.ours.${place}`, message: `{${name}} is never filled in here` },
    ]);
    const right = 'list: { get: "/x?page={page}" }, send: { post: "/{to}", body: { text: "{text}" } }';
    expect(await warningsOf(right)).toEqual([]);
  });

  it.each([
    ['headers: { Authorization: Bearer abcdef }', 'headers.Authorization'],
    ['probe: { get: /x, headers: { x-api-key: abcdef } }', 'probe.headers.x-api-key'],
    ['send: { post: /x, basic: [admin, hunter2] }', 'send.basic[1]'],
    ['basic: [admin, hunter2]', 'basic[1]'],
  ])('where a secret is written: %s', async (description, place) => {
    const found = await warningsOf(description);
    expect(found).toMatchObject([
      { path: `gateways.ours.${place}`, message: 'a secret is written here, and would be shown' },
    ]);
    expect(JSON.stringify(found)).not.toMatch(/abcdef|hunter2/);
  });

  it('for nothing else', async () => {
    const remedies =
      '[{ on: [x], steps: [{ post: /a, body: { deleted: false } }] }, { on: [x, y], steps: [{ post: /b }] }]';
    expect(await warningsOf(`remedies: ${remedies}, basic: ["{id}", "{token}"]`)).toEqual([]);
  });

  it('in Portuguese as well', async () => {
    const all = await warningsOf('basic: [a, b], remedies: [{ steps: [{ delete: /a }] }, { steps: [{ post: /b }] }]');
    expect(all).toHaveLength(3);
    for (const warning of all) {
      const translated = problemIn('pt-BR', warning);
      expect([translated.message, translated.remedy]).not.toContain(warning.message);
      expect([translated.message, translated.remedy]).not.toContain(warning.remedy);
    }
  });
});
