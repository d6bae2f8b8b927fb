import { isName } from '../../config/values/scalars.ts';
import type { Speech } from '../speech.ts';
import type { Chosen, Secret, Setup } from './setup.ts';

/** How a secret stands in the config; `name` is `token`, or that of a value. */
export type SecretText = (secret: Secret, name: string, instance: Chosen | null) => { readonly file: string } | string;

/** Where webhooks go that say themselves of which instance they are, and the others. */
const HOOK = '/api/v1/hooks/gateway';
const HOOK_OF_ONE = `${HOOK}/{name}`;

/**
 * The config, as YAML with comments. All that comes from a gateway or a person stands in quotes, and none of it in a comment.
 */
export function configText(
  { profile, account, baseUrl, username, secrets }: Setup,
  chosen: readonly Chosen[],
  secretText: SecretText,
  { cli, formats }: Pick<Speech, 'cli' | 'formats'>,
): string {
  const { comments } = cli.init;
  const { language } = formats;
  const token = secrets.get('token');
  const values = [...secrets].filter(([name]) => name !== 'token');
  const idKey = profile.name === 'smileapi' ? 'phoneNumberId' : 'id';
  const inAccount = [
    ...(profile.name === 'smileapi' ? [] : [`gateway: ${profile.name}`]),
    ...(baseUrl === profile.baseUrl ? [] : [`baseUrl: ${quoted(baseUrl)}`]),
    ...(username === null ? [] : [`username: ${quoted(username)}`]),
    ...(secrets.size === 0 ? [] : [`# ${comments.secret}`]),
    ...(token === undefined ? [] : [keyed(secretText(token, 'token', null))]),
    ...(values.length === 0 ? [] : ['values:']),
    ...values.map(([name, secret]) => `  ${name}: ${inValues(secretText(secret, name, null))}`),
    `# ${comments.hookToken(profile.webhook === null ? HOOK_OF_ONE : HOOK)}`,
    '# hookToken: "${HOOK_TOKEN}"',
    ...(profile.list === null || profile.list.lacksToken
      ? []
      : [`# ${comments.discover}`, '# discover: { every: 5m }']),
  ];
  const instances = chosen.map((instance) => {
    const { id, name } = instance;
    const own = instance.token === null ? '' : `, ${keyed(secretText(instance.token, 'token', instance))}`;
    const named = name === null ? '' : `, name: ${quoted(name)}`;
    return `  - { account: ${plain(account)}, ${idKey}: ${quoted(id)}${named}${own} }`;
  });
  return [
    `# ${comments.head}`,
    '',
    // Who answers in a language wants to be notified in it, wherever the daemon runs.
    ...(language === 'en' ? [] : [`# ${comments.lang}`, `lang: ${language}`, '']),
    `# ${comments.listen}`,
    'listen: 127.0.0.1:9847',
    '',
    'accounts:',
    `  ${plain(account)}:`,
    ...inAccount.map((line) => `    ${line}`),
    '',
    `# ${comments.instances}`,
    ...(token === undefined || chosen.some((each) => each.token !== null) ? [] : [`# ${comments.ownTokens}`]),
    `instances:${instances.length === 0 ? ' []' : ''}`,
    ...instances,
    '',
    `# ${comments.silence}`,
    '# defaults: { activity: { silentAfter: 6h } }',
    '',
    `# ${comments.notify}`,
    '# notify:',
    '#   - { name: ops, url: "${SLACK_URL}", format: slack }',
    '',
  ].join('\n');
}

/** A name that a config may have, made of an id that need not be one; null: the id is such a name. */
export function nameFor(id: string, taken: ReadonlySet<string>): string | null {
  if (isName(id) && !taken.has(id)) return null;
  const plain = id.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const base =
    plain
      .replaceAll(/[^\w.-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 50) || 'instance';
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** A name without quotes, where YAML takes it for nothing but text. */
function plain(name: string): string {
  return /^[a-z][\w-]*$/i.test(name) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(name) ? name : quoted(name);
}

/** Text in JSON is text in YAML. What looks like a variable is meant as it stands. */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll('${', () => '$${'));
}

function keyed(secret: ReturnType<SecretText>): string {
  return typeof secret === 'string' ? `token: ${variable(secret)}` : `tokenFile: ${quoted(secret.file)}`;
}

function inValues(secret: ReturnType<SecretText>): string {
  return typeof secret === 'string' ? variable(secret) : `{ file: ${quoted(secret.file)} }`;
}

function variable(name: string): string {
  return `"\${${name}}"`;
}
