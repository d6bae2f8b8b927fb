import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where tests take long: they run whole days, start programs or wait for real time. */
const SLOW = /\.long\.test\.|test\/(simulation|integration|page|contract)\/|mutants/u;

/** None of the slow files is left to run alone at the end. What vitest knows of earlier runs is lost in a fresh clone. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW.test(moduleId);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    globalSetup: ['test/prepare.ts'],
    // For what hangs; a slow machine needs many times as long as a fast one, and fails no test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    unstubGlobals: true,
    // A process for each file would take more time to load the sources than the tests take.
    isolate: false,
    // More than there are processors, because many tests wait for other processes.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: SlowFirst },
  },
});
