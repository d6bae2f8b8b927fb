import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** `npm run test:long`: the whole of what `npm test` runs a sample of. Most of it computes, and little waits. */
export default defineConfig({
  test: {
    ...config.test,
    include: ['test/**/*.long.test.ts'],
    env: { LONG: 'true' },
    maxWorkers: availableParallelism() + 2,
  },
});
