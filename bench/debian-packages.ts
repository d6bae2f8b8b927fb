import { spawnSync } from 'node:child_process';

/** Which Debian package a program comes from. */
const PACKAGES: Readonly<Record<string, string>> = {
  'prometheus-blackbox-exporter': 'prometheus-blackbox-exporter',
  prometheus: 'prometheus',
  monit: 'monit',
};

/** Installs the programs that are missing. Throws, saying what to do, where it cannot. */
export function installPrograms(programs: readonly string[]): void {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  if (missing.length === 0) return;
  const packages = missing.map((program) => PACKAGES[program] ?? program).join(' ');
  const command = `apt-get install --no-install-recommends ${packages}`;
  if (spawnSync('which', ['apt-get']).status !== 0 || process.getuid?.() !== 0)
    throw new Error(`not installed: ${missing.join(', ')}. On Debian or Ubuntu, as root: ${command}`);
  process.stdout.write(`installing ${packages} …\n`);
  apt(['update'], command);
  apt(['install', '--yes', '--no-install-recommends', ...packages.split(' ')], command);
}

function apt(args: readonly string[], remedy: string): void {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stderr } = spawnSync('apt-get', ['--quiet', ...args], { env: environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed; run it yourself: ${remedy}\n${stderr.trim()}`);
}
