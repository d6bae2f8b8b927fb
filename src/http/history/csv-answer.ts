import type { Context } from 'hono';
import type { HttpEnv } from '../http-parts.ts';

/** Whether a client wants a table, by a parameter or by what it accepts. */
export function wantsCsv(c: Context<HttpEnv>, chosen: 'json' | 'csv'): boolean {
  return chosen === 'csv' || c.req.header('accept')?.split(',')[0]?.trim() === 'text/csv';
}

/** @param name that of the file, without its end */
export function csvAnswer(c: Context<HttpEnv>, text: string, name: string): never {
  const file = name.replaceAll(/[^\w.-]/g, '_');
  // The schema of the route describes its JSON; a CSV says the same.
  return c.body(text, 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${file}.csv"`,
  }) as never;
}
