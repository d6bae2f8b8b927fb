import { z } from 'zod';
import { configFile } from './schema/config-schema.ts';

/** Keys at the top of a file that hold only what is named elsewhere by an alias. */
export const IGNORED_KEY = /^x-/;

/** JSON Schema (draft 7, which editors understand) of the main file, described and with its defaults; `withVariables`: for
 * files in which `${NAME}` stands for numbers and truth values. */
export function configJsonSchema({ withVariables = false } = {}): Record<string, unknown> {
  return z.toJSONSchema(configFile, {
    io: 'input',
    target: 'draft-7',
    override({ jsonSchema, path }) {
      if (path.length === 0) jsonSchema.patternProperties = { [IGNORED_KEY.source]: {} };
      delete jsonSchema['secret'];
      if (withVariables) admitVariable(jsonSchema);
      const builtIn = jsonSchema['builtIn'];
      if (builtIn === undefined) return;
      delete jsonSchema['builtIn'];
      jsonSchema.default ??= builtIn;
    },
  });
}

/** Editors check the file before variables are filled in. */
function admitVariable(jsonSchema: z.core.JSONSchema.BaseSchema): void {
  const { type } = jsonSchema;
  if (type !== 'boolean' && type !== 'number' && type !== 'integer') return;
  // The types of zod know one type only.
  Object.assign(jsonSchema, { type: [type, 'string'], pattern: String.raw`\$\{` });
}
