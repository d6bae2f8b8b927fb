import { dirname, extname, relative, resolve } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import type { AccountInput } from '../schema/account-schema.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import { checkFile, type CheckedFile } from './checked-file.ts';
import type { InputReader } from './input-reader.ts';
import type { Environment } from '../syntax/environment.ts';
import type { IncludePattern } from '../inputs.ts';
import { parseCsv } from '../syntax/parse-csv.ts';
import { parseJson } from '../syntax/parse-json.ts';
import { quoted } from '../syntax/quoted.ts';
import { parseYaml } from '../syntax/parse-yaml.ts';
import type { SourceFile } from '../syntax/source-file.ts';
import type { ConfigPath } from '../problems.ts';
import type { GatewayInput } from '../schema/gateway-schema.ts';
import { configFile, includedFile, type ConfigInput } from '../schema/config-schema.ts';
import type { InstanceInput } from '../schema/instance-schema.ts';

/** An account or an instance, and where it is written. */
export interface Entry<T> {
  readonly source: SourceFile;
  readonly path: ConfigPath;
  readonly input: T;
  /** Keys that are wrong, and so missing in `input`; null: none. */
  readonly wrong: ReadonlySet<string> | null;
}

/** One that is written under its name. */
interface NamedEntry<T> extends Entry<T> {
  readonly name: string;
}

export type AccountEntry = NamedEntry<AccountInput>;
export type GatewayEntry = NamedEntry<GatewayInput>;

export type InstanceEntry = Entry<InstanceInput>;

/** The main file and the files that it includes, each checked on its own. */
export interface Sources {
  readonly main: CheckedFile<ConfigInput>;
  /** Those without a mistake, in the order of the files. A name that is in two files is here twice. */
  readonly accounts: readonly AccountEntry[];
  readonly instances: readonly InstanceEntry[];
  readonly gateways: readonly GatewayEntry[];
  /** Names of all gateways of the config, also of those with mistakes; null when a file that may name more could not be read. */
  readonly gatewayNames: ReadonlySet<string> | null;
  /** Names of all accounts, also of those with mistakes; null when a file that may name more could not be read. */
  readonly accountNames: ReadonlySet<string> | null;
  /** Whether `instances` is complete: no instance, and no file, was left out for a mistake. */
  readonly hasAllInstances: boolean;
  readonly files: readonly SourceFile[];
  readonly includes: readonly IncludePattern[];
  readonly emptyPatterns: readonly EmptyPattern[];
  readonly problems: readonly Problem[];
}

/** A pattern in the main file that matches nothing. */
export interface EmptyPattern {
  readonly path: ConfigPath;
  readonly pattern: string;
  /** There is no such folder. */
  readonly noFolder: boolean;
}

type FleetInput = Pick<ConfigInput, 'accounts' | 'gateways' | 'instances'>;

/**
 * Reads and checks `file` and what it includes; null, early, if the files hold more than `most` characters. Does not
 * throw for a file that is missing or wrong.
 */
export async function readSources(
  file: string,
  env: Environment,
  reader: InputReader,
  most: number,
): Promise<Sources | null> {
  const text = await reader.text(file);
  if ('mistake' in text) {
    const { remedy = 'Name another file with -c, or start from a copy of config.example.yaml.' } = text;
    const problem = { file, line: null, column: null, path: '', message: text.mistake, remedy };
    return gather(checkFile(parseYaml(file, '{}', env), configFile), [], [], [problem]);
  }
  let left = most - text.text.length;
  if (left < 0) return null;
  const parseMain = extname(file) === '.json' ? parseJson : parseYaml;
  const main = checkFile(parseMain(file, text.text, env), configFile);
  const included: CheckedFile<FleetInput>[] = [];
  const { paths, empty, problems } = await includedPaths(main, reader);
  for (const { name, path } of paths) {
    const content = await reader.text(name);
    if ('mistake' in content) {
      // What stands in the config may be a token in place of a file; the folder of the config is no secret, whatever its name.
      const shown = quoted(relative(dirname(file), name)) === null ? 'the file' : cleanText(name);
      const { mistake, remedy = 'Correct the path, or remove it.' } = content;
      problems.push(main.source.problemAt(path, `${shown} ${mistake}`, remedy));
      continue;
    }
    left -= content.text.length;
    if (left < 0) return null;
    included.push(checkFile(parserOf(name)(name, content.text, env), includedFile));
  }
  return gather(main, included, empty, problems);
}

/** The parser by the ending of the name. JSON and CSV are read several times as fast as YAML. */
function parserOf(file: string): typeof parseYaml {
  const extension = extname(file).toLowerCase();
  if (extension === '.csv') return parseCsv;
  return extension === '.json' ? parseJson : parseYaml;
}

function gather(
  main: CheckedFile<ConfigInput>,
  included: readonly CheckedFile<FleetInput>[],
  emptyPatterns: readonly EmptyPattern[],
  problems: readonly Problem[],
): Sources {
  const all: readonly CheckedFile<FleetInput>[] = [main, ...included];
  const isWhole = problems.length === 0 && all.every(({ broken }) => !broken.has('') && !broken.has('include'));
  const broken = all.flatMap((checked) => [...checked.broken]);
  const namesOf = (section: 'accounts' | 'gateways'): ReadonlySet<string> | null => {
    const inFiles = all.flatMap(({ input }) => Object.keys(input[section]));
    const inBroken = broken
      .filter((part) => part.startsWith(`${section}.`))
      .map((part) => part.slice(section.length + 1));
    return isWhole && !broken.includes(section) ? new Set([...inFiles, ...inBroken]) : null;
  };
  const instances = all.flatMap(instanceEntries);
  return {
    main,
    accounts: all.flatMap((checked) => namedEntries(checked, 'accounts', checked.input.accounts)),
    gateways: all.flatMap((checked) => namedEntries(checked, 'gateways', checked.input.gateways)),
    gatewayNames: namesOf('gateways'),
    instances,
    accountNames: namesOf('accounts'),
    hasAllInstances:
      isWhole &&
      !broken.some((part) => part.startsWith('instances')) &&
      !instances.some(({ wrong }) => wrong?.has('name') === true),
    files: all.map(({ source }) => source),
    emptyPatterns,
    includes: main.input.include.map((pattern) => ({ folder: dirname(main.source.file), pattern })),
    problems: [...all.flatMap((checked) => checked.problems), ...problems],
  };
}

function namedEntries<T>(
  { source, incomplete }: CheckedFile<FleetInput>,
  section: 'accounts' | 'gateways',
  entries: Readonly<Record<string, T>>,
): NamedEntry<T>[] {
  return Object.entries(entries).map(([name, input]) => {
    return { source, path: [section, name], name, input, wrong: incomplete.get(`${section}.${name}`) ?? null };
  });
}

function instanceEntries({ source, input, positionOf, incomplete }: CheckedFile<FleetInput>): InstanceEntry[] {
  return input.instances.map((instance, index) => {
    const position = positionOf('instances', index);
    const wrong = incomplete.size === 0 ? null : (incomplete.get(`instances.${position}`) ?? null);
    return { source, path: ['instances', position], input: withOneId(instance), wrong };
  });
}

/** Checks further on know one name of the id only. */
function withOneId({ id, ...instance }: FleetInput['instances'][number]): InstanceInput {
  return Object.assign(instance, { phoneNumberId: instance.phoneNumberId ?? id ?? '' });
}

/** Where the id of an instance stands. */
export function idPath({ source, path }: InstanceEntry): ConfigPath {
  return [...path, source.written([...path, 'id']) === null ? 'phoneNumberId' : 'id'];
}

/** In the order written; those of one pattern sorted; none twice, and never the main file itself. */
async function includedPaths({ source, input }: CheckedFile<ConfigInput>, reader: InputReader) {
  const folder = dirname(source.file);
  const seen = new Set([resolve(source.file)]);
  const paths: { readonly name: string; readonly path: ConfigPath }[] = [];
  const empty: EmptyPattern[] = [];
  const problems: Problem[] = [];
  for (const [index, pattern] of input.include.entries()) {
    const path = ['include', index];
    const matches = await reader.matches(folder, pattern);
    if ('mistake' in matches) {
      const remedy = 'Let the user of the watchdog read it, or correct the pattern.';
      problems.push(source.problemAt(path, `${pattern} ${matches.mistake}`, remedy));
      continue;
    }
    if (matches.names.length === 0) empty.push({ path, pattern, noFolder: matches.noFolder });
    for (const name of matches.names) {
      if (seen.has(resolve(name))) continue;
      seen.add(resolve(name));
      paths.push({ name, path });
    }
  }
  return { paths, empty, problems };
}
