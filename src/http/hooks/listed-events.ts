/** In one body. Nobody is known to send more than a few at once. */
export const MOST_EVENTS = 100;

/** An event of a gateway: a body, or an entry of one that is a list. */
export interface HookEvent {
  readonly body: unknown;
  readonly text: string;
}

/** Each with its own text. */
export function listedEvents(list: readonly unknown[]): readonly HookEvent[] {
  return list.map((body) => ({ body, text: textOf(body) }));
}

function textOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch {
    // What is nested deeper than any event cannot be written, although it could be read.
    return '';
  }
}
