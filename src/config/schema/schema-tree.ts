import { z } from 'zod';
import type { ConfigPath } from '../problems.ts';

/** The schema of what stands at `path`; null: it knows no such place. */
export function schemaAt(schema: z.ZodType, path: ConfigPath): z.ZodType | null {
  return path.reduce<z.ZodType | null>((at, part) => childOf(at, part), schema);
}

/** The schema of one key, entry or item. */
export function childOf(schema: z.ZodType | null, part: string | number): z.ZodType | null {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodObject) {
    const shape = bare.shape as Record<string, z.ZodType>;
    return Object.hasOwn(shape, part) ? (shape[part] ?? null) : null;
  }
  if (bare instanceof z.ZodRecord) return bare.valueType as z.ZodType;
  return bare instanceof z.ZodArray ? (bare.element as z.ZodType) : null;
}

/** The keys that a mapping may have; none for anything else, or where all are allowed. */
export function keysOf(schema: z.ZodType | null): readonly string[] {
  const bare = unwrap(schema);
  return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
}

/** The metadata of a schema or, if it has none, of the one that it wraps. */
export function metaOf(schema: z.ZodType | null): z.core.GlobalMeta | undefined {
  const inner = inside(schema);
  return schema?.meta() ?? (inner === null ? undefined : metaOf(inner));
}

/** Names of keys that always hold secrets, so that one that is declared without saying so is masked all the same. */
const SECRET_NAME = /token$|secret$|password$|^headers$|^proxy$/i;

/** Whether what stands below this key is secret: it is declared so (`secret` in its metadata), or called so and not declared otherwise. */
export function isSecret(schema: z.ZodType | null, key: string | number | undefined): boolean {
  if (schema?.meta()?.['secret'] === false) return false;
  if (typeof key === 'string' && SECRET_NAME.test(key)) return true;
  if (schema?.meta()?.['secret'] === true) return true;
  const inner = inside(schema);
  return inner !== null && isSecret(inner, undefined);
}

/** The schema below optional, nullable and defaults. */
function unwrap(schema: z.ZodType | null): z.ZodType | null {
  const inner = inside(schema);
  return inner === null ? schema : unwrap(inner);
}

function inside(schema: z.ZodType | null): z.ZodType | null {
  const wraps =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return wraps ? (schema.unwrap() as z.ZodType) : null;
}
