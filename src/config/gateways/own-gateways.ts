import { readFile } from 'node:fs/promises';
import { Document, parseDocument } from 'yaml';
import type { Profile } from '../../gateway/profiles/profile.ts';
import { configError } from '../problems.ts';
import { InputReader } from '../read/input-reader.ts';
import { secretsIn } from '../read/secret-values.ts';
import { readSources } from '../read/sources.ts';
import { configFile } from '../schema/config-schema.ts';
import type { Environment } from '../syntax/environment.ts';
import { resolveGateways } from './resolve-gateways.ts';

/** A gateway that a config describes. */
export interface OwnGateway {
  readonly profile: Profile;
  /** Its description as it stands in the file, with its comments and without what variables hold. */
  readonly text: () => Promise<string>;
}

/**
 * The gateways that a config and what it includes describe.
 *
 * @throws ConfigError where one of them is wrong, or the file cannot be read
 */
export async function ownGateways(file: string, env: Environment): Promise<readonly OwnGateway[]> {
  const reader = new InputReader();
  const sources = await readSources(file, env, reader, Number.POSITIVE_INFINITY);
  if (sources === null) throw new TypeError(`${file} was not read, though it may have any length`);
  const { gateways, problems } = resolveGateways(sources);
  const wrong = [
    ...sources.problems.filter(({ path, line }) => path.startsWith('gateways') || line === null),
    ...problems,
  ];
  if (wrong.length > 0) {
    const files = sources.files.map((each) => each.file);
    const secrets = sources.files.flatMap(({ data }) => secretsIn(data, configFile));
    const { includes } = sources;
    throw configError(wrong, secrets, { files, includes, fingerprint: reader.fingerprint });
  }
  return sources.gateways.flatMap(({ source, path, name }) => {
    const profile = gateways.get(name)?.profile;
    const text = async (): Promise<string> => {
      const file = parseDocument(await readFile(source.file, 'utf8'));
      const own = new Document({ [name]: null });
      own.setIn([name], file.getIn(path, true));
      return own.toString({ lineWidth: 0 });
    };
    return profile === undefined ? [] : [{ profile, text }];
  });
}
