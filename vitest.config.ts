import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest. Those that compute stand beside those that wait, for neither to be alone. */
const LONGEST = [
  'test/page/operating.long.test.ts',
  'test/postgres/postgres-store.test.ts',
  'test/page/at-a-glance.long.test.ts',
  'test/integration/suspend.test.ts',
  'test/page/replicas.test.ts',
  'test/integration/state-in-postgres.test.ts',
  'test/page/reach.test.ts',
  'test/integration/chaos.test.ts',
  'test/page/history.long.test.ts',
  'test/integration/prometheus-loop.test.ts',
  'test/page/both-languages.test.ts',
  'test/integration/echo.test.ts',
  'test/deploy/prometheus.test.ts',
  'test/integration/output.test.ts',
  'test/integration/moved-accounts.test.ts',
];

/** Where tests take seconds: they run whole days, start programs or wait for real time. */
const SLOW =
  /\.long\.test\.|test\/(simulation|integration|page|contract|cli|deploy|postgres|runtime|scenarios|layout)|mutants|load-in-background|webhook-text|http\/server|simulate\.test|change-watcher/u;

/** None of the slow files is left to run alone at the end. What vitest knows of earlier runs is lost in a fresh clone. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      if (place !== -1) return place;
      return LONGEST.length + (SLOW.test(moduleId) ? 0 : 1);
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
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
    maxWorkers: availableParallelism() + 3,
    sequence: { sequencer: SlowFirst },
  },
});
