/** Set by `npm run test:long`. */
export const LONG = process.env['LONG'] === 'true';

/** How much of something to run: `npm test` takes a sample, `npm run test:long` takes it whole. */
export function volume<T>(sample: T, whole: T): T {
  return LONG ? whole : sample;
}
