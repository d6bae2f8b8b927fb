/** A pattern of `include`, and the folder to which it is relative. */
export interface IncludePattern {
  readonly folder: string;
  readonly pattern: string;
}

/** What a configuration was read from. */
export interface ConfigInputs {
  /** Every file that was named, secrets and certificates included, readable or not; the main file is first. */
  readonly files: readonly string[];
  /** Files that come to match one of these belong to the configuration as well. */
  readonly includes: readonly IncludePattern[];
}

/** The same, with a digest of all that was read; see `fingerprintOf`. */
export interface ReadInputs extends ConfigInputs {
  readonly fingerprint: string;
}

/** The inputs of two configurations, each once. */
export function joinInputs(one: ConfigInputs, other: ConfigInputs): ConfigInputs {
  const includes = [...one.includes, ...other.includes].map((include): [string, IncludePattern] => [
    JSON.stringify([include.folder, include.pattern]),
    include,
  ]);
  return {
    files: [...new Set([...one.files, ...other.files])],
    includes: [...new Map(includes).values()],
  };
}
