import { existsSync } from 'node:fs';
import type { Terminal } from './terminal.ts';

const USUAL = ['config.yaml', 'config.yml'] as const;

/** The config file of a command: the one that it names, WATCHDOG_CONFIG, or config.yaml or config.yml in this folder. */
export function configFile(named: string | undefined, env: Terminal['env']): string {
  const chosen = named ?? env['WATCHDOG_CONFIG'];
  if (chosen !== undefined && chosen !== '') return chosen;
  return USUAL.find((file) => existsSync(file)) ?? USUAL[0];
}
