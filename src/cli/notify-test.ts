import { randomUUID } from 'node:crypto';
import type { ReceiverSettings } from '../core/notification.ts';
import { SECOND } from '../core/time.ts';
import { loadConfig } from '../config/load.ts';
import { closestWord } from '../config/syntax/spelling.ts';
import { judge } from '../notify/delivery/answer.ts';
import type { Transport } from '../notify/delivery/delivery-queue.ts';
import { httpTransport } from '../notify/delivery/http-transport.ts';
import { requestOf } from '../notify/delivery/request.ts';
import { transportOver } from '../notify/delivery/transports.ts';
import type { Style } from '../notify/formats/in-words.ts';
import { testNotice } from '../notify/notice.ts';
import { Masks } from '../redaction/masks.ts';
import { deadline } from '../time/clock.ts';
import { speechFor } from './speech.ts';
import { CommandError, renderTable, UsageError, type ExitCode, type Terminal } from './terminal.ts';

/** Sends a test message to each receiver, or to those named; ends with 1 if one of them does not take it. */
export async function notifyTest(
  _action: 'test',
  names: readonly string[],
  options: { readonly config: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const config = await loadConfig(options.config, terminal.env);
  const speech = speechFor(terminal, config.lang);
  const receivers = chosen(config.notify, names);
  if (receivers.length === 0) throw new CommandError(speech.cli.operate.noReceivers);
  const http = httpTransport();
  const transport = transportOver(http);
  const masks = new Masks(() => config.secrets);
  const style = { language: speech.formats.language, pageUrl: config.page.url };
  try {
    const ends = await Promise.all(
      receivers.map((receiver) => attempt(receiver, { terminal, transport, masks, style })),
    );
    const { receiver, format, result } = speech.cli.columns;
    const rows = receivers.map(({ name, format }, index) => [
      name,
      format,
      speech.error(ends[index] ?? speech.cli.operate.sent),
    ]);
    terminal.write(renderTable([receiver, format, result], rows));
    return ends.every((end) => end === null) ? 0 : 1;
  } finally {
    await http.close();
  }
}

/** Why a receiver did not take the test; null: it did. */
async function attempt(
  receiver: ReceiverSettings,
  parts: { readonly terminal: Terminal; readonly transport: Transport; readonly masks: Masks; readonly style: Style },
): Promise<string | null> {
  const { terminal, transport, masks, style } = parts;
  const { clock, stop } = terminal;
  const text = 'This is a test of the notifications of smileapi-watchdog. Nothing is wrong.';
  const notice = testNotice(randomUUID(), clock.wall(), text);
  const message = { notices: [notice], count: 1, queuedAt: clock.now() } as const;
  const limit = deadline(clock, stop, receiver.timeout);
  try {
    const answer = await transport(requestOf(message, receiver, masks, clock.wall(), style), limit.signal);
    return judge(answer, masks, clock.wall(), receiver.format)?.reason ?? null;
  } catch (error) {
    if (limit.expired()) return `no answer within ${receiver.timeout / SECOND} s`;
    return masks.line(error instanceof Error ? error.message : String(error));
  } finally {
    limit.dispose();
  }
}

function chosen(receivers: readonly ReceiverSettings[], names: readonly string[]): readonly ReceiverSettings[] {
  if (names.length === 0 || receivers.length === 0) return receivers;
  return names.map((name) => {
    const found = receivers.find((receiver) => receiver.name === name);
    if (found !== undefined) return found;
    const known = receivers.map((receiver) => receiver.name);
    const close = closestWord(name, known);
    const remedy = close === null ? `known are ${known.join(', ')}` : `did you mean ${close}?`;
    throw new UsageError(`there is no receiver ${JSON.stringify(name)}: ${remedy}`);
  });
}
