import type { z } from 'zod';
import { childOf, isSecret, keysOf } from '../schema/schema-tree.ts';

/**
 * Every value of plain data that stands at a secret place of its schema, whether the rest is sound or not. A new key needs
 * no entry here: it is enough that its schema says `secret: true`.
 */
export function secretsIn(data: unknown, schema: z.ZodType | null, key?: string | number): readonly string[] {
  if (isSecret(schema, key)) return textsIn(data);
  if (schema === null || typeof data !== 'object' || data === null || !mayHold(schema)) return [];
  return entriesOf(data).flatMap(([name, value]) => secretsIn(value, childOf(schema, name), name));
}

function textsIn(data: unknown): readonly string[] {
  if (typeof data === 'string' || typeof data === 'number') return [String(data)];
  if (typeof data !== 'object' || data === null) return [];
  return entriesOf(data).flatMap(([, value]) => textsIn(value));
}

function entriesOf(data: object): [string | number, unknown][] {
  return Array.isArray(data) ? [...(data as unknown[]).entries()] : Object.entries(data);
}

const known = new WeakMap<z.ZodType, boolean>();

/** Whether a secret can stand anywhere below; a hundred thousand instances need not be looked through for none. */
function mayHold(schema: z.ZodType): boolean {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const keys = keysOf(schema);
  const children = keys.length > 0 ? keys : ['any', 0];
  const found = children.some((key) => {
    const child = childOf(schema, key);
    return child !== null && (isSecret(child, key) || mayHold(child));
  });
  known.set(schema, found);
  return found;
}
