/** A pattern of `include`, and the folder that it counts from. */
export interface IncludePattern {
  readonly folder: string;
  readonly pattern: string;
}

/** All that a configuration was read from. */
export interface ConfigInputs {
  /** Every file that was asked for, secrets and certificates included, also those that could not be read. */
  readonly files: readonly string[];
  readonly includes: readonly IncludePattern[];
}

/** What either of two is read from, each once. */
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
