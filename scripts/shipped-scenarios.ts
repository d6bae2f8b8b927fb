import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../test/cli/command-line.ts';

const FOLDER = join(import.meta.dirname, '../scenarios');

/** What `simulate --json` says of a scenario, as far as it is used here. */
export interface Report {
  readonly instances: readonly { readonly restarts: number; readonly downSeconds: number }[];
  readonly notifications: Readonly<Record<string, number>>;
  readonly expectations: readonly { readonly text: string; readonly met: boolean; readonly found: string }[];
}

/** The names of the scenarios that are shipped. */
export const SHIPPED = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.txt') ? file.slice(0, -4) : []));

/** The incident in a few sentences: the first line of a scenario. */
export function storyOf(name: string): string {
  return textOf(name).split('\n')[0]?.replace(/^# /, '') ?? '';
}

/** Plays a shipped scenario on the config beside it that it names, or on the small fleet. */
export async function playShipped(name: string): Promise<Report | { readonly problem: string }> {
  const config = /^# Config: (\S+)$/m.exec(textOf(name))?.[1] ?? 'fleet.yaml';
  const args = ['simulate', '--json', '-c', join(FOLDER, config), '--scenario', join(FOLDER, `${name}.txt`)];
  const { exit, output } = await commandLine(args);
  return exit === 2 ? { problem: output } : (JSON.parse(output) as Report);
}

/** The scenario itself. */
export function textOf(name: string): string {
  return readFileSync(join(FOLDER, `${name}.txt`), 'utf8');
}
