import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, Scalar, type ErrorCode, type YAMLMap } from 'yaml';
import type { Problem } from '../../core/problem.ts';
import { expandVariables, type Environment } from './environment.ts';
import type { ConfigPath } from '../problems.ts';
import { looksSecret } from '../../redaction/looks-secret.ts';
import { quoted } from './quoted.ts';
import { PlacedSource, type Place, type SourceFile } from './source-file.ts';

interface Found extends Place {
  readonly node: unknown;
}

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  MULTIPLE_DOCS: 'Keep one document, and name further files in "include".',
  TAB_AS_INDENT: 'Indent with blanks.',
  TAG_RESOLVE_FAILED: 'Put the value into quotes.',
  BAD_DQ_ESCAPE: 'Write each backslash twice, or use single quotes.',
};

/** The parser's own words for these repeat the text around, which may be a token. */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  TAG_RESOLVE_FAILED: 'a value that begins with "!" is a tag that is not known here',
  BAD_DQ_ESCAPE: 'a backslash between double quotes begins no known escape',
  BAD_COLLECTION_TYPE: 'a tag does not fit what follows it',
  BAD_DIRECTIVE: 'a line that begins with "%" is a directive that is not known here',
  UNEXPECTED_TOKEN: 'something stands here that cannot',
};

/** Of "Unexpected …" these name only the parser's own kinds of tokens. */
const HARMLESS = /^Unexpected (?:[a-z-]{1,20}|,) (?:at node end|in (?:flow|block)[ -](?:map|seq)\w*|token)$/;

/**
 * Reads YAML 1.2 (with `<<` merges) and fills `${NAME}` into its string values. Everything that is wrong becomes a
 * problem with its place; nothing is thrown. `phoneNumberId` keeps the digits as written, also without quotes.
 */
export function parseYaml(file: string, text: string, env: Environment): SourceFile {
  return new ParsedYaml(file, text, env);
}

class ParsedYaml extends PlacedSource {
  readonly data: unknown;
  readonly problems: Problem[] = [];
  readonly #env: Environment;
  readonly #root: unknown;
  readonly #anchors = new Map<string, unknown>();
  readonly #aliased = new Map<unknown, unknown>();
  /** Values by node. An alias gives the same object, so that nested aliases never grow beyond the size of the file. */
  readonly #values = new Map<unknown, unknown>();
  /** Anchored lists and mappings that are still being read: an alias of one would contain itself. */
  readonly #open = new Set<unknown>();
  readonly #unresolved = new Set<unknown>();

  constructor(file: string, text: string, env: Environment) {
    super(file, text);
    this.#env = env;
    const options = { merge: true, prettyErrors: false, uniqueKeys: false };
    const { contents, errors, warnings } = parseDocument(text, options);
    this.#root = contents;
    const unquoted = errors.map(({ pos }) => pos[0] - 1).find((at) => text.startsWith('${', at));
    if (unquoted !== undefined) {
      // All that the parser finds wrong after it follows from it.
      const message = 'a variable between braces or brackets is not in quotes';
      this.#report(unquoted, [], message, 'Write "${NAME}".');
      return;
    }
    for (const { code, message, pos } of [...errors, ...warnings]) {
      const remedy = REMEDIES[code] ?? 'Correct the YAML; strings with special characters need quotes.';
      this.#report(pos[0], [], `is not YAML: ${wordsFor(code, message)}`, remedy);
    }
    this.data = errors.length === 0 ? this.#valueOf(contents, []) : undefined;
  }

  written(path: ConfigPath): string | null {
    const { node } = this.find(path);
    return isScalar(node) ? (node.source ?? null) : null;
  }

  isUnresolved(path: ConfigPath): boolean {
    return this.#unresolved.has(this.find(path).node);
  }

  #report(offset: number, path: ConfigPath, message: string, remedy: string): void {
    this.problems.push(this.problem(offset, path, message, remedy));
  }

  #valueOf(node: unknown, path: ConfigPath): unknown {
    if (isAlias(node)) return this.#valueOfAlias(node.source, node, path);
    if (isScalar(node)) return this.#remember(node, node.anchor, this.#valueOfScalar(node, path));
    if (isSeq(node)) {
      const values: unknown[] = [];
      this.#remember(node, node.anchor, values);
      this.#open.add(node);
      for (const [index, item] of node.items.entries()) values.push(this.#valueOf(item, [...path, index]));
      this.#open.delete(node);
      return values;
    }
    if (isMap(node)) {
      const values: Record<string, unknown> = {};
      this.#remember(node, node.anchor, values);
      this.#open.add(node);
      this.#fillMap(values, node, path);
      this.#open.delete(node);
      return values;
    }
    return null;
  }

  #remember<T>(node: unknown, anchor: string | undefined, value: T): T {
    if (anchor !== undefined) {
      this.#anchors.set(anchor, node);
      this.#values.set(node, value);
    }
    return value;
  }

  #valueOfAlias(name: string, alias: unknown, path: ConfigPath): unknown {
    const target = this.#anchors.get(name);
    if (target !== undefined && !this.#open.has(target)) {
      this.#aliased.set(alias, target);
      return this.#values.get(target) ?? null;
    }
    this.#unresolved.add(alias);
    // Without quotes, a token that begins with "*" is an alias.
    const shown = quoted(name) === null ? '…' : name;
    const message = target === undefined ? `nothing above is marked &${shown}` : `*${shown} is within &${shown} itself`;
    const remedy = `Write &${shown} at a value further up, or quote the text that begins with "*".`;
    this.#report(offsetOf(alias), path, message, remedy);
    return null;
  }

  #valueOfScalar(scalar: Scalar, path: ConfigPath): unknown {
    if (typeof scalar.value !== 'string') {
      const isNumber = typeof scalar.value === 'number' || typeof scalar.value === 'bigint';
      return isNumber && isNumericName(path.at(-1), path) ? scalar.source : scalar.value;
    }
    const expansion = expandVariables(scalar.value, this.#env);
    if ('value' in expansion) return expansion.value;
    this.#unresolved.add(scalar);
    for (const { message, remedy } of expansion.mistakes) this.#report(offsetOf(scalar), path, message, remedy);
    return scalar.value;
  }

  /** Own keys win over merged ones, and among merged mappings the first. */
  #fillMap(values: Record<string, unknown>, map: YAMLMap, path: ConfigPath): void {
    const lineOfKey = new Map<string, number>();
    const merged: unknown[] = [];
    for (const { key, value } of map.items) {
      const name = keyName(key);
      if (name === null || name === '__proto__') {
        this.#report(offsetOf(key), path, 'holds a key that is not plain text', 'Write the key as text, or remove it.');
        continue;
      }
      const first = lineOfKey.get(name);
      if (first !== undefined) {
        const remedy = `Remove one; the first is on line ${first}.`;
        this.#report(offsetOf(key), [...path, name], 'key is there twice', remedy);
        continue;
      }
      lineOfKey.set(name, this.lineAt(offsetOf(key)).line);
      if (isMergeKey(key)) merged.push(...this.#mergeSources(value, [...path, name]));
      else values[name] = this.#valueOf(this.#keepDigits(name, value, path), [...path, name]);
    }
    for (const source of merged) {
      for (const [name, value] of Object.entries(source as object)) {
        if (!Object.hasOwn(values, name)) values[name] = value;
      }
    }
  }

  /** An alias of an unquoted number keeps its digits too, so that a phoneNumberId can be shared through an anchor. */
  #keepDigits(name: string, value: unknown, path: ConfigPath): unknown {
    const target = isAlias(value) ? this.#anchors.get(value.source) : undefined;
    return isNumericName(name, path) && isScalar(target) && typeof target.value === 'number' ? target : value;
  }

  #mergeSources(node: unknown, path: ConfigPath): readonly unknown[] {
    const value = this.#valueOf(node, path);
    const sources: readonly unknown[] = Array.isArray(value) ? value : [value];
    const mappings = sources.filter(
      (source) => typeof source === 'object' && source !== null && !Array.isArray(source),
    );
    if (mappings.length < sources.length) {
      const remedy = 'Name mappings here, such as *base or [*base, *more].';
      this.#report(offsetOf(node), path, '"<<" merges only mappings', remedy);
    }
    return mappings;
  }

  protected find(path: ConfigPath): Found {
    let found: Found = { node: this.#root, offset: 0, keyOffset: 0 };
    for (const part of path) {
      const next = this.#child(this.#target(found.node), part);
      if (next === null) return { ...found, node: undefined };
      found = next;
    }
    return { ...found, node: this.#target(found.node) };
  }

  #target(node: unknown): unknown {
    return isAlias(node) ? (this.#aliased.get(node) ?? node) : node;
  }

  #child(parent: unknown, part: string | number): Found | null {
    if (isSeq(parent) && typeof part === 'number') {
      const node = parent.items[part];
      return node === undefined ? null : { node, offset: offsetOf(node), keyOffset: offsetOf(node) };
    }
    if (!isMap(parent)) return null;
    const pair = parent.items.find(({ key }) => keyName(key) === String(part));
    if (pair !== undefined) {
      const keyOffset = offsetOf(pair.key);
      return { node: pair.value, offset: isScalar(pair.value) ? offsetOf(pair.value) : keyOffset, keyOffset };
    }
    return this.#mergedChild(parent, part);
  }

  #mergedChild(parent: YAMLMap, part: string | number): Found | null {
    for (const { key, value } of parent.items) {
      if (!isMergeKey(key)) continue;
      for (const source of isSeq(value) ? value.items : [value]) {
        const found = this.#child(this.#target(source), part);
        if (found !== null) return found;
      }
    }
    return null;
  }
}

function wordsFor(code: ErrorCode, message: string): string {
  const words = message.replace(/\.$/, '');
  const ours = HARMLESS.test(words) ? undefined : MESSAGES[code];
  return ours ?? (looksSecret(words) ? 'the text cannot be read from here on' : words);
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.source === '<<';
}

/** The text of a key as written; null for a key that is no text, number or truth value. */
function keyName(key: unknown): string | null {
  if (!isScalar(key) || key.value === null || typeof key.value === 'object') return null;
  return key.source ?? null;
}

/** Whether a number at this key is the name of an instance; what gateways answer has keys of its own. */
function isNumericName(key: string | number | undefined, [section]: ConfigPath): boolean {
  return key === 'phoneNumberId' || (key === 'id' && section !== 'gateways');
}
