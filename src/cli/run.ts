import { once } from 'node:events';
import type { Config } from '../config/config.ts';
import { loadInBackground } from '../config/reload/load-in-background.ts';
import { languageOfEnvironment } from '../language/language.ts';
import { startDaemon } from '../daemon.ts';
import { systemdNotify } from '../process/systemd-notify.ts';
import type { ExitCode, Terminal } from './terminal.ts';
import { VERSION } from '../version.ts';

/** Runs the daemon until it is stopped. */
export async function run(options: { config: string; dryRun: boolean }, terminal: Terminal): Promise<ExitCode> {
  const load = async (signal: AbortSignal): Promise<Config> => {
    const config = await loadInBackground(options.config, terminal.env, signal);
    return options.dryRun ? { ...config, dryRun: true } : config;
  };
  let reload = (): void => {
    // A daemon that is starting has just read its config.
  };
  terminal.onHangup(() => reload());
  const serviceManager = systemdNotify(terminal.env);
  const config = await load(terminal.stop).catch((error: unknown) => {
    if (!terminal.stop.aborted) throw error;
    return null;
  });
  if (config === null) return 0;
  const language = languageOfEnvironment(terminal.env);
  const daemon = await startDaemon({ config, load, clock: terminal.clock, version: VERSION, language, serviceManager });
  reload = () => void daemon.reload('signal');
  await aborted(terminal.stop);
  await daemon.stop();
  return 0;
}

/** Resolves when `signal` aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
