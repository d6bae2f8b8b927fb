import { remedyFor } from '../core/remedy.ts';
import { SECOND } from '../core/time.ts';
import { verdictOf, type Verdict } from '../core/verdict.ts';
import type { Config, InstanceConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { closeAccounts, openAccounts } from '../assembly/accounts.ts';
import type { ProbeResult } from '../gateway/gateway.ts';
import { Masks } from '../redaction/masks.ts';
import type { Account } from '../runtime/fleet/account.ts';
import { chooseInstances } from './choose-instances.ts';
import { namingColumns, speechFor, type Speech } from './speech.ts';
import { printableJson, renderTable, type ExitCode, type Paint, type Terminal } from './terminal.ts';

export interface Probed extends ProbeResult {
  readonly instance: InstanceConfig;
  readonly verdict: Verdict;
  readonly seconds: number;
  /** What its gateway says by itself of what a person can do. */
  readonly remedy: string | undefined;
}

/** Probes each instance once, as fast as the accounts' limits allow. */
export async function probe(
  names: readonly string[],
  options: { config: string; json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const config = await loadConfig(options.config, terminal.env);
  const speech = speechFor(terminal, config.lang);
  const results = await probeAll(config, chooseInstances(config.instances, names), terminal, speech);
  terminal.write(
    options.json ? `${printableJson(results.map(asJson), 2)}\n` : asTable(results, terminal.paint, speech),
  );
  return results.every(({ verdict }) => verdict === 'healthy') ? 0 : 1;
}

/** Probes instances of a config once, and shows how far it is. */
export async function probeAll(
  config: Config,
  instances: readonly InstanceConfig[],
  terminal: Terminal,
  speech: Speech,
): Promise<readonly Probed[]> {
  const accounts = openAccounts(config, { clock: terminal.clock, masks: new Masks(() => config.secrets) });
  let done = 0;
  const results = await Promise.all(
    instances.map(async (instance) => {
      const account = accounts.find(({ name }) => name === instance.account);
      if (account === undefined) throw new Error(`no account ${instance.account}`);
      const result = await probeOnce(instance, account, terminal);
      done += 1;
      if (terminal.progress)
        terminal.writeError(`\r${speech.cli.probed(speech.count(done), speech.count(instances.length))}`);
      return result;
    }),
  );
  if (terminal.progress) terminal.writeError('\r\u001b[K');
  await closeAccounts(accounts);
  return results;
}

async function probeOnce(
  instance: InstanceConfig,
  { requests, gateway, remedyTexts }: Account,
  { clock, stop }: Terminal,
): Promise<Probed> {
  await new Promise<void>((resolve) => requests.enter(resolve));
  try {
    const startedAt = clock.now();
    const { phoneNumberId, token, policy } = instance;
    const target = { phoneNumberId, token: token ?? undefined };
    const result = await gateway.probe(target, policy.probe.timeout, stop);
    const seconds = (clock.now() - startedAt) / SECOND;
    return { ...result, instance, verdict: verdictOf(result.cause), seconds, remedy: remedyTexts?.[result.cause] };
  } finally {
    requests.leave();
  }
}

function asJson({ instance, verdict, cause, detail, seconds, remedy }: Probed): object {
  const { name, account, phoneNumberId } = instance;
  return { name, account, phoneNumberId, verdict, cause, detail, remedy: remedy ?? remedyFor(cause, detail), seconds };
}

export function asTable(results: readonly Probed[], paint: Paint, speech: Speech): string {
  const { cli, formats, count, about } = speech;
  const { name, account, verdict, cause, took, detail } = cli.columns;
  const naming = namingColumns(
    results.map(({ instance }) => instance),
    speech,
  );
  const rows = results.map(({ instance, ...probed }) => [
    instance.name,
    ...naming.map(({ cell }) => cell(instance)),
    instance.account,
    cli.verdicts[probed.verdict],
    probed.cause,
    formats.amount(probed.seconds),
    about(probed.cause, probed.detail, probed.remedy),
  ]);
  const head = [name, ...naming.map((column) => column.head), account, verdict, cause, took, detail];
  const healthy = results.filter((probed) => probed.verdict === 'healthy').length;
  const total = cli.healthyOf(count(healthy), count(results.length));
  return `${renderTable(head, rows)}\n${healthy === results.length ? paint.green(total) : paint.yellow(total)}\n`;
}
