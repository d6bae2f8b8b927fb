import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BUILT_IN_GATEWAYS, builtInGateway } from '../../config/gateways/built-in.ts';
import { baseUrlMistake } from '../../config/values/addresses.ts';
import { isName } from '../../config/values/scalars.ts';
import type { Profile } from '../../gateway/profiles/profile.ts';
import { furtherValuesIn, isFurtherValue, valuesOf } from '../../gateway/profiles/request-values.ts';
import { builtInNamed } from '../gateways.ts';
import type { Speech } from '../speech.ts';
import { CommandError, UsageError, type Terminal } from '../terminal.ts';
import type { Secret, Setup } from './setup.ts';

/** What `init` can be given in place of answers. */
export interface InitOptions {
  readonly config: string;
  readonly gateway?: string;
  readonly url?: string;
  readonly username?: string;
  readonly account?: string;
  readonly tokenFile?: string;
  readonly tokenVariable?: string;
  /** `NAME=VARIABLE`. */
  readonly value: readonly string[];
  readonly id: readonly string[];
  readonly force: boolean;
}

const VARIABLE = /^\$\{?([A-Za-z_]\w*)\}?$/;
const VISIBLE = /^[\x21-\x7e]{1,4096}$/;

/**
 * What is known of the account, from options, and where a person can be asked, from answers.
 *
 * @throws UsageError that names the options which are missing, where nobody can be asked
 */
export async function setupFrom(options: InitOptions, terminal: Terminal, speech: Speech): Promise<Setup> {
  if (terminal.ask === null) reportMissing(options);
  if (options.account !== undefined && !isName(options.account)) {
    throw new UsageError('--account must be a name of 1 to 63 letters, digits, ".", "_" or "-"');
  }
  const profile = await gatewayFrom(options, terminal, speech);
  const baseUrl = await addressFrom(options, profile, terminal, speech);
  const username = valuesOf(profile).has('username') ? await usernameFrom(options, profile, terminal, speech) : null;
  const secrets = await secretsFrom(options, profile, terminal, speech);
  return { profile, account: options.account ?? profile.name, baseUrl: baseUrl.replace(/\/+$/, ''), username, secrets };
}

/** Whether each instance has a token of its own, which only the list of the gateway names. */
export function listNamesTokens({ list, headers }: Profile): boolean {
  return list !== null && list.token !== null && furtherValuesIn(list.request, headers).length > 0;
}

function reportMissing({ gateway, url, tokenFile, tokenVariable, id }: InitOptions): void {
  const known = gateway === undefined ? null : builtInGateway(gateway);
  const needsUrl = known === null || known.profile.baseUrl === null;
  const isListed = known !== null && listNamesTokens(known.profile) && id.length === 0;
  const needsToken = known === null || (valuesOf(known.profile).has('token') && !isListed);
  const missing = [
    ...(gateway === undefined ? ['--gateway NAME'] : []),
    ...(needsUrl && url === undefined ? ['--url URL'] : []),
    ...(needsToken && tokenFile === undefined && tokenVariable === undefined
      ? ['--token-file FILE | --token-variable NAME']
      : []),
  ];
  if (gateway !== undefined && known === null) builtInNamed(gateway);
  if (missing.length === 0) return;
  throw new UsageError(`nobody can be asked here, because this is no terminal: give ${missing.join(', ')}`);
}

async function gatewayFrom({ gateway }: InitOptions, terminal: Terminal, { cli }: Speech): Promise<Profile> {
  if (gateway !== undefined || terminal.ask === null) return builtInNamed(gateway ?? '').profile;
  for (;;) {
    const answer = await asked(terminal, `${cli.init.gateway(BUILT_IN_GATEWAYS.join(', '))} [smileapi]: `);
    const found = builtInGateway(answer === '' ? 'smileapi' : answer);
    if (found !== null) return found.profile;
    terminal.write(`${cli.init.noSuchGateway}\n`);
  }
}

async function addressFrom(
  { url }: InitOptions,
  { baseUrl }: Profile,
  terminal: Terminal,
  { cli }: Speech,
): Promise<string> {
  const given = url ?? (terminal.ask === null ? baseUrl : null);
  if (given !== null) {
    const mistake = baseUrlMistake(given);
    if (mistake !== null) throw new UsageError(`--url ${mistake}. Write it like https://gateway.example.org.`);
    return given;
  }
  for (;;) {
    const answer = await asked(terminal, `${cli.init.address}${baseUrl === null ? '' : ` [${baseUrl}]`}: `);
    const address = answer === '' ? (baseUrl ?? '') : answer;
    const mistake = baseUrlMistake(address);
    if (mistake === null) return address;
    terminal.write(`${mistake}: https://gateway.example.org\n`);
  }
}

async function usernameFrom(
  { username }: InitOptions,
  { name }: Profile,
  terminal: Terminal,
  { cli }: Speech,
): Promise<string> {
  if (username !== undefined) return username;
  if (terminal.ask === null) throw new UsageError(`the gateway ${name} wants a user name: give --username NAME`);
  for (;;) {
    const answer = await asked(terminal, `${cli.init.username}: `);
    if (answer !== '') return answer;
  }
}

/** The token and every other secret that requests ask for; those that only the list asks for may be left out. */
async function secretsFrom(
  options: InitOptions,
  profile: Profile,
  terminal: Terminal,
  speech: Speech,
): Promise<ReadonlyMap<string, Secret>> {
  const { ask, env } = terminal;
  const given = await givenSecrets(options, env);
  const needed = [...valuesOf(profile)].filter((name) =>
    name === 'token' ? !listNamesTokens(profile) : isFurtherValue(name),
  );
  const { list } = profile;
  const ofList = list === null ? [] : furtherValuesIn(list.request);
  const optional = ofList.filter((name) => !needed.includes(name));
  const unknown = [...given.keys()].find(
    (name) => name !== 'token' && !needed.includes(name) && !optional.includes(name),
  );
  if (unknown !== undefined)
    throw new UsageError(`--value ${unknown}: the gateway ${profile.name} wants no ${unknown}`);
  const secrets = new Map<string, Secret>();
  const take = async (name: string, isNeeded: boolean): Promise<void> => {
    const secret = given.get(name) ?? (ask === null ? null : await secretFrom(terminal, name, isNeeded, speech));
    if (secret !== null) secrets.set(name, secret);
    else if (isNeeded) throw new UsageError(`the gateway ${profile.name} wants ${name}: give --value ${name}=VARIABLE`);
  };
  for (const name of needed) await take(name, true);
  // Without ids only the list names the tokens, and nothing else will do where nobody can be asked.
  const onlyList = listNamesTokens(profile) && options.id.length === 0;
  for (const name of optional) await take(name, onlyList && ask === null && !given.has('token'));
  const isListed = onlyList && optional.every((name) => secrets.has(name));
  if (listNamesTokens(profile) && !isListed) await take('token', true);
  return secrets;
}

async function givenSecrets(
  { tokenFile, tokenVariable, value }: InitOptions,
  env: Terminal['env'],
): Promise<Map<string, Secret>> {
  const given = new Map<string, Secret>();
  if (tokenFile !== undefined && tokenVariable !== undefined) {
    throw new UsageError('--token-file and --token-variable exclude each other. Keep one of the two.');
  }
  if (tokenFile !== undefined) {
    const text = (await readSecret(tokenFile)).replace(/\r?\n$/, '');
    if (!VISIBLE.test(text))
      throw new UsageError('the file of --token-file must hold one line of visible ASCII characters');
    given.set('token', { from: 'file', file: resolve(tokenFile), value: text });
  }
  if (tokenVariable !== undefined) given.set('token', fromVariable(tokenVariable, env, '--token-variable'));
  for (const pair of value) {
    const [, name, variable] = /^([A-Za-z]\w*)=(\w+)$/.exec(pair) ?? [];
    if (name === undefined || variable === undefined || name === 'token') {
      throw new UsageError('--value must be NAME=VARIABLE, such as adminToken=WUZAPI_ADMIN_TOKEN');
    }
    given.set(name, fromVariable(variable, env, '--value'));
  }
  return given;
}

function fromVariable(variable: string, env: Terminal['env'], option: string): Secret {
  if (!/^[A-Za-z_]\w*$/.test(variable)) throw new UsageError(`${option} must name an environment variable`);
  const value = env[variable] ?? '';
  if (!VISIBLE.test(value)) {
    throw new UsageError(
      `${option}: the environment variable ${variable} is not set, or is not one line of visible ASCII characters`,
    );
  }
  return { from: 'variable', variable, value };
}

async function readSecret(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new UsageError(`the file of --token-file cannot be read (${code})`, { cause });
  }
}

async function secretFrom(
  terminal: Terminal,
  name: string,
  isNeeded: boolean,
  { cli: { init } }: Speech,
): Promise<Secret | null> {
  for (;;) {
    const answer = await asked(terminal, `${isNeeded ? init.secret(name) : init.optionalSecret(name)}: `, true);
    if (answer === '' && !isNeeded) return null;
    const variable = VARIABLE.exec(answer)?.[1];
    if (variable !== undefined) {
      const value = terminal.env[variable] ?? '';
      if (VISIBLE.test(value)) return { from: 'variable', variable, value };
      terminal.write(`${init.notSet(variable)}\n`);
    } else if (VISIBLE.test(answer)) return { from: 'person', value: answer };
    else terminal.write(`${init.wrongSecret}\n`);
  }
}

/** @throws CommandError where the person ended the input */
export async function asked({ ask }: Pick<Terminal, 'ask'>, question: string, hidden = false): Promise<string> {
  const answer = ask === null ? null : await ask(question, hidden);
  if (answer === null) throw new CommandError('Nothing was written.');
  return answer;
}
