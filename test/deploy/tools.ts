import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const ROOT = join(import.meta.dirname, '../..');
export const DEPLOY = join(ROOT, 'deploy');

/** Which Debian package has a program; .ci/run installs them. */
const PACKAGES = {
  promtool: 'prometheus',
  prometheus: 'prometheus',
  amtool: 'prometheus-alertmanager',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'systemd-analyze': 'systemd',
  'systemd-sysusers': 'systemd',
  apprise: 'apprise',
  pgbouncer: 'pgbouncer',
} as const;

export type Tool = keyof typeof PACKAGES;

/**
 * Whether tests that need these programs can run. Where one is missing they are skipped, and say so; in CI
 * (`CI` is set) its absence is an error.
 *
 * @throws Error in CI, naming the program and its package
 */
export function have(...tools: readonly Tool[]): boolean {
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (missing.length === 0) return true;
  const packages = [...new Set(missing.map((tool) => PACKAGES[tool]))].join(' ');
  const message = `${missing.join(', ')} not found: apt-get install ${packages}`;
  if ((process.env['CI'] ?? '') !== '') throw new Error(message);
  console.warn(`skipped: ${message}`);
  return false;
}

function isInstalled(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface Ended {
  readonly status: number | null;
  /** Standard output and error, one after the other. */
  readonly output: string;
}

/** Time for a test that runs programs, in ms: seconds of work, on a machine that may be busy with others. */
export const PATIENCE = 120_000;

/** Runs a program to its end, at most 100 seconds. */
export function run(tool: string, args: readonly string[], options: { cwd?: string; input?: string } = {}): Ended {
  const { status, stdout, stderr, error } = spawnSync(tool, args, { encoding: 'utf8', timeout: 100_000, ...options });
  if (error !== undefined) throw error;
  return { status, output: stdout + stderr };
}

export function read(file: string): string {
  return readFileSync(join(DEPLOY, file), 'utf8');
}

const parsed = new Map<string, readonly unknown[]>();

/** The documents of a file of YAML, or the one of a file of JSON, parsed once. Throws at the first mistake. */
export function documents(file: string): readonly unknown[] {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const found = parseAllDocuments(read(file)).map((document) => {
    const [mistake] = document.errors;
    if (mistake !== undefined) throw mistake;
    return document.toJS() as unknown;
  });
  parsed.set(file, found);
  return found;
}

/** Files of a folder of `deploy`, as paths within it. */
export function filesIn(folder: string, end: string): string[] {
  return readdirSync(join(DEPLOY, folder))
    .filter((file) => file.endsWith(end))
    .map((file) => `${folder}/${file}`);
}
