import type { Problem } from '../../core/problem.ts';
import { duplicates, notThere, placeOf } from '../check/cross-checks.ts';
import type { GatewayEntry, Sources } from '../read/sources.ts';
import { NO_OVERRIDES } from '../resolve-policy.ts';
import { BUILT_IN_GATEWAYS, builtInGateway, mergedDefaults, type KnownGateway } from './built-in.ts';
import { profileOf } from './profile-of.ts';

export interface ResolvedGateways {
  /** Those of the config by name, and the built-in ones that an account names. What is wrong is missing. */
  readonly gateways: ReadonlyMap<string, KnownGateway>;
  readonly problems: readonly Problem[];
}

/** Makes profiles of all descriptions in a config, each after the one that it extends. */
export function resolveGateways({ gateways: entries, accounts, gatewayNames }: Sources): ResolvedGateways {
  const resolver = new Resolver(entries, gatewayNames);
  for (const entry of entries) resolver.resolve(entry.name);
  for (const { input } of accounts) resolver.resolve(input.gateway);
  return { gateways: resolver.known, problems: [...doubles(entries), ...resolver.problems] };
}

function doubles(entries: readonly GatewayEntry[]): Problem[] {
  const twice = duplicates(entries, ({ name }) => name).map(([{ source, path }, first]) =>
    source.problemAtKey(path, `the same gateway is also at ${placeOf(first)}`, 'Keep one of them.'),
  );
  const taken = entries
    .filter(({ name }) => BUILT_IN_GATEWAYS.includes(name))
    .map(({ source, path, name }) => {
      const remedy = `Choose another name, and write "extends: ${name}" below it.`;
      return source.problemAtKey(path, 'is the name of a built-in gateway', remedy);
    });
  return [...twice, ...taken];
}

class Resolver {
  readonly known = new Map<string, KnownGateway>();
  readonly problems: Problem[] = [];
  readonly #entries: ReadonlyMap<string, GatewayEntry>;
  readonly #names: ReadonlySet<string> | null;
  readonly #under = new Set<string>();
  readonly #done = new Set<string>();

  constructor(entries: readonly GatewayEntry[], names: ReadonlySet<string> | null) {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    this.#names = names;
  }

  /** Null where it is wrong, or not known. */
  resolve(name: string): KnownGateway | null {
    if (this.#done.has(name)) return this.known.get(name) ?? null;
    const entry = this.#entries.get(name);
    const found = entry === undefined ? builtInGateway(name) : this.#made(entry);
    this.#done.add(name);
    if (found !== null) this.known.set(name, found);
    return found;
  }

  #made(entry: GatewayEntry): KnownGateway | null {
    const { source, path, name, input } = entry;
    if (this.#under.has(name)) {
      const message = 'a gateway cannot extend itself, not even by way of another one';
      this.problems.push(source.problemAt([...path, 'extends'], message, 'Extend one that stands on its own.'));
      return null;
    }
    this.#under.add(name);
    const base = input.extends === undefined ? null : this.resolve(input.extends);
    this.#under.delete(name);
    if (input.extends !== undefined && base === null) {
      this.#reportUnknown(entry, input.extends);
      return null;
    }
    const profile = profileOf(name, input, base?.profile ?? null);
    if (!('missing' in profile)) {
      return { profile, defaults: mergedDefaults(base?.defaults ?? NO_OVERRIDES, input.defaults) };
    }
    // What is there and wrong was left out, and is reported already.
    if (entry.wrong?.has(profile.missing) !== true) {
      const remedy = `Add ${profile.missing}, or "extends" with the gateway from which it comes.`;
      this.problems.push(source.problemAt(path, `has neither "${profile.missing}" nor "extends"`, remedy));
    }
    return null;
  }

  #reportUnknown({ source, path }: GatewayEntry, name: string): void {
    if (this.#names === null || this.#names.has(name) || BUILT_IN_GATEWAYS.includes(name)) return;
    const known = [...BUILT_IN_GATEWAYS, ...this.#names];
    const remedy = `Built in are ${BUILT_IN_GATEWAYS.join(', ')}.`;
    this.problems.push(notThere(source, [...path, 'extends'], 'gateway', name, known, remedy));
  }
}
