/** A call that can be ended from outside. Ending it again does nothing. */
interface Abortable {
  abort(): void;
}

interface Group {
  readonly members: Set<Abortable>;
  readonly onAbort: () => void;
}

/**
 * The calls in flight, by the signal that ends them. However many share a signal, it has one listener: on Node.js 20 a
 * signal warns of a leak from the eleventh on. The listener goes with the last call, so that a signal which outlives
 * the gateway does not keep it in memory.
 */
export class RunningExchanges {
  readonly #groups = new Map<AbortSignal, Group>();

  add(signal: AbortSignal, exchange: Abortable): void {
    const group = this.#groups.get(signal) ?? this.#listenTo(signal);
    group.members.add(exchange);
  }

  delete(signal: AbortSignal, exchange: Abortable): void {
    const group = this.#groups.get(signal);
    if (group === undefined || !group.members.delete(exchange) || group.members.size > 0) return;
    signal.removeEventListener('abort', group.onAbort);
    this.#groups.delete(signal);
  }

  abortAll(): void {
    for (const { onAbort } of [...this.#groups.values()]) onAbort();
  }

  #listenTo(signal: AbortSignal): Group {
    const members = new Set<Abortable>();
    const onAbort = (): void => {
      for (const exchange of [...members]) exchange.abort();
    };
    const group = { members, onAbort };
    signal.addEventListener('abort', onAbort);
    this.#groups.set(signal, group);
    return group;
  }
}
