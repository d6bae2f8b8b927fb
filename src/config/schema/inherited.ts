import { z } from 'zod';

/** The keys of an object, as they are written in a place that may inherit them: none is needed, none is filled in. */
export type Inherited<Shape extends Keys> = { [Key in keyof Shape]: z.ZodOptional<WithoutDefault<Shape[Key]>> };

type Keys = Readonly<Record<string, z.ZodType>>;
type WithoutDefault<T extends z.ZodType> = T extends z.ZodDefault<infer Inner> | z.ZodPrefault<infer Inner>
  ? Inner extends z.ZodObject<infer Shape extends Keys>
    ? z.ZodObject<Inherited<Shape>, z.core.$strict>
    : Inner
  : T;

/**
 * The same object with every key optional. The default of a key is kept as `builtIn` of its metadata: it applies where
 * the key is set nowhere, and the JSON Schema shows it.
 */
export function inherited<Shape extends Keys>(
  object: z.ZodObject<Shape>,
): z.ZodObject<Inherited<Shape>, z.core.$strict> {
  const shape = Object.entries(object.shape).map(([key, schema]) => [key, optional(schema)]);
  return z.strictObject(Object.fromEntries(shape) as Inherited<Shape>);
}

function optional(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)) return schema.optional();
  const inner = schema.unwrap() as z.ZodType;
  const meta = { ...inner.meta(), ...schema.meta() };
  if (inner instanceof z.ZodObject)
    return inherited(inner as z.ZodObject<Keys>)
      .optional()
      .meta(meta);
  return inner.optional().meta({ ...meta, builtIn: schema.def.defaultValue });
}
