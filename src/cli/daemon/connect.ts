import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { whyFailed } from '../../config/read/read-file.ts';
import { baseUrlMistake } from '../../config/values/addresses.ts';
import { ConfigError } from '../../config/problems.ts';
import { urlOf } from '../../http/server.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import { configFile } from '../config-file.ts';
import { speechFor, type Speech } from '../speech.ts';
import { CommandError, UsageError, type Terminal } from '../terminal.ts';
import { DaemonClient, DEFAULT_URL } from './daemon-client.ts';

/** Where a command finds the daemon, and what lets it in. */
export interface DaemonOptions {
  readonly config?: string;
  readonly url?: string;
  readonly tokenFile?: string;
}

export interface Connection {
  readonly client: DaemonClient;
  readonly speech: Speech;
  /** Who calls, for history and events. */
  readonly requestedBy: string | undefined;
}

/**
 * A client of the running daemon: at `--url`, or where the config lets it listen. The token comes from `--token-file`, from
 * WATCHDOG_TOKEN, or from the config. Without a config that can be read it is the default address.
 *
 * @throws ConfigError when the config that was named has a problem; CommandError when it does not say where it listens
 */
export async function connect(options: DaemonOptions, terminal: Terminal): Promise<Connection> {
  const { env } = terminal;
  if (options.url !== undefined && baseUrlMistake(options.url) !== null) {
    throw new UsageError(`--url: write it as ${DEFAULT_URL}`);
  }
  const config = await configOf(options, terminal);
  const url = daemonUrl(options.url, config);
  const ofConfig = config === null ? null : (config.api.token ?? config.api.readToken);
  const token = (await tokenFor(options.tokenFile, env)) ?? ofConfig;
  return {
    client: new DaemonClient(terminal, url, token),
    speech: speechFor(terminal, config?.lang ?? null),
    requestedBy: userOf(env),
  };
}

/** Where the daemon is: at `--url`, or where the config lets it listen. @throws CommandError when that may be any port */
export function daemonUrl(url: string | undefined, config: Pick<Config, 'listen'> | null): string {
  if (url !== undefined) return url;
  if (config?.listen.port === 0) {
    throw new CommandError('the config lets the daemon listen on any port: give its address with --url');
  }
  return config === null ? DEFAULT_URL : urlOf(config.listen);
}

/** Who runs the command; undefined: nobody says. */
export function userOf(env: Terminal['env']): string | undefined {
  return env['USER'] ?? env['LOGNAME'];
}

/** The token for a daemon that needs one: from a file, or from the environment variable WATCHDOG_TOKEN. */
async function tokenFor(file: string | undefined, env: Terminal['env']): Promise<string | null> {
  if (file === undefined) return env['WATCHDOG_TOKEN'] ?? null;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new CommandError(`the token file ${file} ${whyFailed(error)}`, { cause: error });
  }
}

/**
 * Says on standard error what the answers lacked, as where a replica gave none; output for programs stays as it is.
 *
 * @returns whether they lacked anything
 */
export function reportLack({ client, speech }: Connection, terminal: Terminal): boolean {
  const { replicas, accounts } = client.lack;
  const words = speech.cli.lack;
  if (replicas.size > 0) terminal.writeError(`${cleanText(words.replicas([...replicas].join(', ')))}\n`);
  if (accounts.size > 0) terminal.writeError(`${cleanText(words.accounts([...accounts].join(', ')))}\n`);
  const lacks = replicas.size + accounts.size > 0;
  replicas.clear();
  accounts.clear();
  return lacks;
}

/** A config that nobody named need not be there, nor be readable: the variables of the daemon may be missing here. */
async function configOf(options: DaemonOptions, terminal: Terminal): Promise<Config | null> {
  const { env } = terminal;
  const file = configFile(options.config, env);
  const isNamed = options.config !== undefined;
  if (!isNamed && (options.url !== undefined || !existsSync(file))) return null;
  try {
    return await loadConfig(file, env);
  } catch (error) {
    if (isNamed || !(error instanceof ConfigError)) throw error;
    const called = `${file} has problems here (smileapi-watchdog check shows them), so ${DEFAULT_URL} is called`;
    terminal.writeError(`${speechFor(terminal).error(called)}\n`);
    return null;
  }
}
