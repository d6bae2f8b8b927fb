import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    globalSetup: ['test/prepare.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    unstubGlobals: true,
    // The default leaves one processor to the runner, which halves the speed of a machine with two.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
