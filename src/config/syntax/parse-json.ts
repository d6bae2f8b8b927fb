import type { Problem } from '../../core/problem.ts';
import { expandVariables, type Environment } from './environment.ts';
import { placesIn } from './json-places.ts';
import { parseYaml } from './parse-yaml.ts';
import { formatPath, valueAt, type ConfigPath } from '../problems.ts';
import { PlacedSource, type Place, type SourceFile } from './source-file.ts';

/**
 * Reads JSON, and a bare list as if it stood under `instances`. JSON is YAML, so the slower YAML parser reads whatever
 * JSON.parse refuses or would accept in silence; it knows what is wrong and where.
 */
export function parseJson(file: string, text: string, env: Environment): SourceFile {
  const quick = readQuickly(text, env);
  const source = quick === null ? parseYaml(file, text, env) : new SoundJson(file, text, quick);
  return Array.isArray(source.data) ? underInstances(source) : source;
}

interface QuickReading {
  /** Before variables were filled in. */
  readonly raw: unknown;
  readonly data: unknown;
}

/** Null when the text is not JSON, or something in it needs the other parser. */
function readQuickly(text: string, env: Environment): QuickReading | null {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return null;
  }
  const filler = new VariableFiller(env);
  const data = filler.fill(raw, null);
  // Of equal keys JSON.parse takes the last one in silence.
  const keysAreUnique = countKeys(text) === filler.keys;
  // Where a number is a name its digits count as written, and JSON.parse has dropped those of 1.0 and 1e3.
  const digitsAreKept = !filler.hasNumericName || !/"(?:phoneNumberId|id)"\s*:\s*-?\d+[.eE]/.test(text);
  return filler.isSound && keysAreUnique && digitsAreKept ? { raw, data } : null;
}

/** Fills in variables, and the digits of numbers that are names. Leaves what it was given as it is. */
class VariableFiller {
  keys = 0;
  isSound = true;
  hasNumericName = false;
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  fill(value: unknown, key: string | null): unknown {
    if (typeof value === 'string') return value.includes('${') ? this.#expand(value) : value;
    if (typeof value === 'number') return key === 'phoneNumberId' || key === 'id' ? this.#digits(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.fill(item, null));
    let filled = value as Record<string, unknown>;
    for (const [name, old] of Object.entries(value)) {
      this.keys += 1;
      if (name === '__proto__') this.isSound = false;
      const fresh = this.fill(old, name);
      if (fresh === old) continue;
      if (filled === value) filled = { ...value };
      filled[name] = fresh;
    }
    return filled;
  }

  #expand(text: string): string {
    const expansion = expandVariables(text, this.#env);
    if ('value' in expansion) return expansion.value;
    this.isSound = false;
    return text;
  }

  #digits(value: number): string {
    this.hasNumericName = true;
    if (!Number.isSafeInteger(value) || value < 0) this.isSound = false;
    return String(value);
  }
}

/** How many keys stand in a text that JSON.parse accepts, equal ones each counted. */
function countKeys(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === ':') count += 1;
  }
  return count;
}

/** The offset of the quote that ends the string whose first quote is at `from`. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** A file that JSON.parse has read. */
class SoundJson extends PlacedSource {
  readonly data: unknown;
  readonly problems: readonly Problem[] = [];
  readonly #raw: unknown;
  readonly #placeOf: (path: ConfigPath) => Place;

  constructor(file: string, text: string, { raw, data }: QuickReading) {
    super(file, text);
    this.data = data;
    this.#raw = raw;
    this.#placeOf = placesIn(text);
  }

  written(path: ConfigPath): string | null {
    const value = valueAt(this.#raw, path);
    return typeof value === 'object' || value === undefined ? null : `${value as string | number | boolean}`;
  }

  isUnresolved(): boolean {
    return false;
  }

  protected find(path: ConfigPath): Place {
    return this.#placeOf(path);
  }
}

/** A file that holds a list, shown as the mapping that would hold it under `instances`. */
function underInstances(list: SourceFile): SourceFile {
  return {
    file: list.file,
    data: { instances: list.data },
    problems: list.problems.map((problem) => ({ ...problem, path: `instances${problem.path}` })),
    problemAt: (path, ...said) => ({ ...list.problemAt(path.slice(1), ...said), path: formatPath(path) }),
    problemAtKey: (path, ...said) => ({ ...list.problemAtKey(path.slice(1), ...said), path: formatPath(path) }),
    written: (path) => list.written(path.slice(1)),
    isUnresolved: (path) => list.isUnresolved(path.slice(1)),
  };
}
