import { readdirSync, readFileSync } from 'node:fs';
import { formatProblems } from '../../core/problem.ts';
import type { Profile } from '../../gateway/profiles/profile.ts';
import { NO_OVERRIDES, type PolicyOverrides } from '../resolve-policy.ts';
import { schemaProblems } from '../read/schema-problems.ts';
import { gateway, type GatewayInput } from '../schema/gateway-schema.ts';
import { parseYaml } from '../syntax/parse-yaml.ts';
import { profileOf } from './profile-of.ts';

/** A gateway that accounts can name: its profile, and the times that fit it. */
export interface KnownGateway {
  readonly profile: Profile;
  readonly defaults: PolicyOverrides;
}

/** Beside the folder of the program, as the package has it: above both `src` and `dist`. */
const FOLDER = new URL('../../../gateways/', import.meta.url);

/** Names of the gateways that come with the program, sorted. */
export const BUILT_IN_GATEWAYS: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .sort();

const known = new Map<string, KnownGateway>();

/**
 * The gateway of this name that comes with the program; null: there is none. Its file is read when it is first wanted.
 *
 * @throws Error where the file does not fit the schema
 */
export function builtInGateway(name: string): KnownGateway | null {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (!BUILT_IN_GATEWAYS.includes(name)) return null;
  const input = descriptionIn(`gateways/${name}.yaml`, builtInText(name));
  const base = input.extends === undefined ? null : builtInGateway(input.extends);
  const profile = profileOf(name, input, base?.profile ?? null);
  if ('missing' in profile) throw new Error(`gateways/${name}.yaml has no "${profile.missing}"`);
  const defaults = mergedDefaults(base?.defaults ?? NO_OVERRIDES, input.defaults);
  const found = { profile, defaults };
  known.set(name, found);
  return found;
}

/**
 * What a file of a built-in gateway describes.
 *
 * @throws Error with what is wrong, line by line
 */
export function descriptionIn(file: string, text: string): GatewayInput {
  const source = parseYaml(file, text, {});
  if (source.problems.length > 0) throw new Error(formatProblems(source.problems));
  const result = gateway.safeParse(source.data);
  if (result.success) return result.data;
  throw new Error(formatProblems(schemaProblems(source, gateway, result.error.issues)));
}

/** Its file, as it is. Throws where there is none. */
export function builtInText(name: string): string {
  return readFileSync(new URL(`${name}.yaml`, FOLDER), 'utf8');
}

export function mergedDefaults(base: PolicyOverrides, own: PolicyOverrides): PolicyOverrides {
  return {
    probe: { ...base.probe, ...own.probe },
    restart: { ...base.restart, ...own.restart },
    activity: { ...base.activity, ...own.activity },
  };
}
