/** One message of a live stream. */
export interface SseMessage {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
}

/** The watchdog sends no longer message than this. */
const LONGEST_REST = 16 * 1024 * 1024;

/** Splits a `text/event-stream` into its messages, however the network splits it into chunks. */
export class SseParser {
  private rest = '';
  private event = '';
  private data: string[] = [];

  /**
   * The messages that `chunk` completes, in order. Throws RangeError when a line does not end within 16 Mi characters,
   * because then the other side is no watchdog.
   */
  push(chunk: string): readonly SseMessage[] {
    // A CR at the very end may be half of a CRLF, so it waits for the next chunk.
    const text = this.rest + chunk;
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? '') + text.slice(whole.length);
    if (this.rest.length > LONGEST_REST) throw new RangeError('a line of the live stream does not end');
    return lines.flatMap((line) => this.take(line));
  }

  private take(line: string): readonly SseMessage[] {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return [];
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    if (field === 'data') this.data.push(value);
    return [];
  }

  private dispatch(): readonly SseMessage[] {
    const { event, data } = this;
    this.event = '';
    this.data = [];
    return data.length === 0 ? [] : [{ event: event === '' ? 'message' : event, data: data.join('\n') }];
  }
}
