import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationPage } from './config-reference.ts';
import { withAlerts } from './alerts-section.ts';
import { withRemedies } from './remedies-table.ts';

// Writes what the docs take from the code: docs/configuration.md and the remedies and alerts of docs/troubleshooting.md.
//   npm run docs

const folder = join(import.meta.dirname, '..', 'docs');
writeFileSync(join(folder, 'configuration.md'), configurationPage());
const troubleshooting = join(folder, 'troubleshooting.md');
writeFileSync(troubleshooting, withAlerts(withRemedies(readFileSync(troubleshooting, 'utf8'))));
