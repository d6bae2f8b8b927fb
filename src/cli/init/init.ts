import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { openGateway } from '../../assembly/accounts.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { phoneNumberIdText } from '../../config/values/scalars.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import { wasAnswered } from '../../core/verdict.ts';
import { furtherValuesIn } from '../../gateway/profiles/request-values.ts';
import type { ListedInstance } from '../../gateway/gateway.ts';
import { Masks } from '../../redaction/masks.ts';
import { wholeList } from '../../runtime/probing/whole-list.ts';
import { asTable, probeAll } from '../probe.ts';
import { speechFor, type Speech } from '../speech.ts';
import { CommandError, renderTable, UsageError, type ExitCode, type Terminal } from '../terminal.ts';
import { configText, nameFor, type SecretText } from './config-text.ts';
import { asked, listNamesTokens, setupFrom, type InitOptions } from './questions.ts';
import type { Chosen, Secret, Setup } from './setup.ts';
import { PRIVATE, READABLE, writeTogether, type NewFile } from './write-files.ts';

const LIST_TIMEOUT: DurationMs = 30 * SECOND;
/** Enough to show whether the account is right, and not too many to read. */
const SHOWN = 100;
const PROBED = 50;

/** Makes a config for one account: asks, or takes options; probes; lists; and writes what `check` accepts. */
export async function init(options: InitOptions, terminal: Terminal): Promise<ExitCode> {
  const speech = speechFor(terminal);
  const { cli, count } = speech;
  const [folder, file] = [dirname(options.config), basename(options.config)];
  if (existsSync(options.config) && !options.force) {
    throw new UsageError(`${options.config} is there already: name another file with -c, or add --force to replace it`);
  }
  const setup = await setupFrom(options, terminal, speech);
  const listed = options.id.length > 0 ? null : await listedBy(setup, terminal, speech);
  const ids =
    listed === null ? await idsFrom(options, setup, terminal, speech) : await chosenFrom(listed, terminal, speech);
  const chosen = named(ids, setup);
  await withDraft(setup, chosen, terminal, speech, (config) => tryOut(config, terminal, speech));

  const secrets = new Map<string, NewFile>();
  const inFiles: SecretText = (secret, name, instance) => {
    if (secret.from === 'variable') return secret.variable;
    if (secret.from === 'file') return secret;
    const of = instance === null ? (name === 'token' ? '' : `.${name}`) : `.${instance.name ?? instance.id}`;
    const own = `${setup.account}${of}.token`;
    secrets.set(own, { text: `${secret.value}\n`, mode: PRIVATE });
    return { file: `./${own}` };
  };
  const text = configText(setup, chosen, inFiles, speech);
  // The config last: where it stands, everything else does.
  const files = new Map([...secrets, [file, { text, mode: READABLE }]]);
  const check = async (draft: string): Promise<void> => {
    await loadConfig(join(draft, file), terminal.env);
  };
  await writeTogether(resolve(folder), files, check, options.force);
  terminal.write(`\n${cli.init.written(options.config)}\n`);
  if (secrets.size > 0) terminal.write(`${cli.init.secretsIn(shortList([...secrets.keys()], count))}\n`);
  terminal.write(`${cli.init.next}\n`);
  return 0;
}

/** The instances that the gateway lists; null: it lists none, so that their ids are asked for. */
async function listedBy(setup: Setup, terminal: Terminal, speech: Speech): Promise<readonly ListedInstance[] | null> {
  if (setup.profile.list === null || missingForList(setup).length > 0) return null;
  const { cli } = speech;
  terminal.write(`${cli.init.listing(setup.baseUrl)}\n`);
  // Where only the list names the tokens of instances, the account has none, and a config without instances wants one.
  const secrets = new Map<string, Secret>([['token', { from: 'person', value: 'none' }], ...setup.secrets]);
  const result = await withDraft({ ...setup, secrets }, [], terminal, speech, async (config) => {
    const account = config.accounts.get(setup.account);
    if (account === undefined) throw new TypeError(`no account ${setup.account}`);
    const masks = new Masks(() => config.secrets);
    const gateway = openGateway(account, { clock: terminal.clock, masks });
    try {
      return await wholeList<never>((page) => gateway.list(LIST_TIMEOUT, terminal.stop, page));
    } finally {
      await gateway.close();
    }
  });
  if (result.type === 'failed') {
    const said = [result.cause, speech.about(result.cause, result.detail)].filter((text) => text !== '').join(': ');
    const mayHaveNone = ['not_found', 'unknown_state'].includes(result.cause);
    if (!mayHaveNone) throw new CommandError(`${cli.init.listFailed(said)}\n${cli.init.nothing}`);
    terminal.write(`${cli.init.listFailed(said)}\n`);
    return null;
  }
  // A gateway that repeats a secret as a name must not have it written, or shown.
  const isSecret = (id: string): boolean => [...setup.secrets.values()].some(({ value }) => id.includes(value));
  const fit = result.instances.filter(({ id }) => ID.safeParse(id).success && !isSecret(id));
  const leftOut = result.unusable + result.instances.length - fit.length;
  if (leftOut > 0) terminal.write(`${cli.init.leftOut(speech.count(leftOut))}\n`);
  if (fit.length > 0) return fit;
  terminal.write(`${cli.init.none}\n`);
  return null;
}

/** What the request for the list needs, and was not given. */
function missingForList({ profile: { list, headers }, secrets }: Setup): readonly string[] {
  return list === null ? [] : furtherValuesIn(list.request, headers).filter((name) => !secrets.has(name));
}

const ID = phoneNumberIdText({ description: '' });

async function chosenFrom(
  listed: readonly ListedInstance[],
  terminal: Terminal,
  { cli: { init: words, more }, count }: Speech,
): Promise<readonly ListedInstance[]> {
  const rows = listed.slice(0, SHOWN).map(({ id, cause }, index) => [String(index + 1), id, cause ?? '']);
  terminal.write(renderTable(['#', 'ID', words.state], rows));
  if (listed.length > SHOWN) terminal.write(`${more(count(listed.length - SHOWN))}\n`);
  if (terminal.ask === null) return listed;
  for (;;) {
    const answer = await asked(terminal, `${words.choose(count(listed.length))}: `);
    const places = placesIn(answer, listed.length);
    if (places !== null) return listed.filter((_, index) => places.size === 0 || places.has(index));
    terminal.write(`${words.wrongChoice}\n`);
  }
}

/** `1,3-5` as places from 0; none: all; null: it is no such text. */
export function placesIn(text: string, most: number): ReadonlySet<number> | null {
  const places = new Set<number>();
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '' && text.trim() === '') break;
    const [, first, last = first] = /^(\d{1,6})(?:\s*-\s*(\d{1,6}))?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from >= 1 && to >= from && to <= most)) return null;
    for (let place = from; place <= to; place += 1) places.add(place - 1);
  }
  return places;
}

/** @throws UsageError where an id is none, or there is none and nobody can be asked */
async function idsFrom(
  { id }: InitOptions,
  setup: Setup,
  terminal: Terminal,
  { cli }: Speech,
): Promise<readonly Pick<ListedInstance, 'id' | 'token'>[]> {
  const given = id.length > 0 ? id : await askedIds(setup, terminal, `${cli.init.ids}: `);
  return [...new Set(given)].map((each) => {
    const checked = ID.safeParse(each);
    if (!checked.success)
      throw new UsageError(`--id ${JSON.stringify(each)} ${checked.error.issues[0]?.message ?? ''}`);
    return { id: each, token: null };
  });
}

async function askedIds(setup: Setup, terminal: Terminal, question: string): Promise<readonly string[]> {
  const [missing] = missingForList(setup);
  if (terminal.ask === null && missing !== undefined)
    throw new UsageError(
      `the gateway lists its instances only with ${missing}: give --value ${missing}=VARIABLE, or their ids with --id ID`,
    );
  if (terminal.ask === null) throw new UsageError('the gateway lists no instances: give their ids with --id ID');
  for (;;) {
    const ids = (await asked(terminal, question)).split(',').map((id) => id.trim());
    if (ids.every((id) => ID.safeParse(id).success)) return ids;
  }
}

function named(ids: readonly Pick<ListedInstance, 'id' | 'token'>[], { profile }: Setup): readonly Chosen[] {
  const taken = new Set<string>();
  const ownTokens = listNamesTokens(profile);
  return ids.map(({ id, token }) => {
    const name = nameFor(id, taken);
    taken.add(name ?? id);
    const own: Secret | null = ownTokens && token !== null ? { from: 'person', value: token } : null;
    return { id, name, token: own };
  });
}

/** Does something with the config before it is written; its secrets are on no disk. */
async function withDraft<T>(
  setup: Setup,
  chosen: readonly Chosen[],
  { env }: Terminal,
  speech: Speech,
  use: (config: Config) => Promise<T>,
): Promise<T> {
  const variables = new Map<string, string>();
  const inVariables: SecretText = ({ value }) => {
    const variable = `WATCHDOG_INIT_${variables.size}`;
    variables.set(variable, value);
    return variable;
  };
  const text = configText(setup, chosen, inVariables, speech);
  const folder = await mkdtemp(join(tmpdir(), 'watchdog-init-'));
  try {
    const file = join(folder, 'config.yaml');
    await writeFile(file, text, { mode: PRIVATE });
    return await use(await loadConfig(file, { ...env, ...Object.fromEntries(variables) }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws CommandError where no answer shows that address and secrets are right */
async function tryOut(config: Config, terminal: Terminal, speech: Speech): Promise<void> {
  const { cli, count } = speech;
  const instances = config.instances.slice(0, PROBED);
  terminal.write(`${cli.init.probing(count(instances.length), count(config.instances.length))}\n`);
  const probed = await probeAll(config, instances, terminal, speech);
  terminal.write(asTable(probed, terminal.paint, speech));
  const isRight = probed.some(
    ({ cause }) => wasAnswered(cause) && cause !== 'unauthorized' && cause !== 'not_the_gateway',
  );
  if (!isRight) throw new CommandError(cli.init.nothing);
}

function shortList(names: readonly string[], count: Speech['count']): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} … (${count(names.length)})` : shown;
}
