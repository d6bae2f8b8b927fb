import { configDefaults, defineConfig } from 'vitest/config';
import { hasPostgres } from './test/postgres/server.ts';
import config from './vitest.config.ts';

const isInstalled = hasPostgres();

/**
 * `npm run test:postgres`: whatever runs a whole daemon, with its state in PostgreSQL where it is in a folder otherwise; and small
 * fleets over the same store, in place of one in memory.
 */
export default defineConfig({
  test: {
    ...config.test,
    include: isInstalled ? ['test/{cli,http,integration,page,runtime}/*.test.ts'] : [],
    exclude: [
      ...configDefaults.exclude,
      // They break folders and disks. state-in-postgres.test.ts does the like with a database.
      'test/integration/{state-trouble.test,disk-trouble.long.test}.ts',
      // They have databases of their own anyway.
      'test/integration/{discovery-replicas,failover.long,moved-accounts,replicas.long,state-in-postgres,takeover.long}.test.ts',
      'test/page/replicas.test.ts',
      // It measures the page.
      'test/page/large-fleet.long.test.ts',
    ],
    passWithNoTests: true,
    globalSetup: ['test/prepare.ts', ...(isInstalled ? ['test/postgres/states.ts'] : [])],
  },
});
