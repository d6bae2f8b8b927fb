import { StatusView } from '../views/schemas.ts';
import type { Peer, Peers } from './peers.ts';

/** A message that does not end within this many characters is not one of ours. */
const LONGEST_MESSAGE = 8 * 1024 * 1024;

export interface FeedListener {
  /** A message to pass on to readers; `isProbe`: only to those that want single probes. */
  pass(text: string, isProbe: boolean): void;
  /** The status of a replica is another one. */
  statusChanged(): void;
  /** What is known of a replica's part may be out of date: its stream begins, or it watches other instances. */
  partRenewed(): void;
}

/** The live streams of the other replicas, as long as somebody reads this one's. */
export class PeerFeeds {
  private readonly peers: Peers;
  private readonly path: string;
  private readonly listener: FeedListener;
  private readonly open = new Map<string, AbortController>();
  private readonly seen = new Map<string, StatusView>();

  /** @param name only this instance; null: the whole fleet */
  constructor(peers: Peers, name: string | null, listener: FeedListener) {
    this.peers = peers;
    this.path = `/api/v1/events?probes=true${name === null ? '' : `&name=${encodeURIComponent(name)}`}`;
    this.listener = listener;
  }

  /** The last status of each. */
  get statuses(): readonly StatusView[] {
    return [...this.seen.values()];
  }

  /** Those that give none. */
  get missing(): readonly string[] {
    return this.peers.list().flatMap(({ replica }) => (this.seen.has(replica) ? [] : [replica]));
  }

  /** Follows the replicas that live now; to be called from time to time, because they come and go. */
  follow(): void {
    const alive = new Map(this.peers.list().map((peer) => [`${peer.replica} ${peer.advertise ?? ''}`, peer]));
    for (const [key, controller] of this.open) if (!alive.has(key)) controller.abort();
    for (const [key, peer] of alive) if (!this.open.has(key)) void this.read(key, peer);
  }

  stop(): void {
    for (const controller of this.open.values()) controller.abort();
  }

  private async read(key: string, peer: Peer): Promise<void> {
    const controller = new AbortController();
    this.open.set(key, controller);
    let rest = '';
    await this.peers.stream(peer, this.path, controller.signal, (text) => {
      const messages = (rest + text).split('\n\n');
      rest = messages.pop() ?? '';
      if (rest.length > LONGEST_MESSAGE) controller.abort();
      for (const message of messages) this.receive(peer, message);
    });
    this.open.delete(key);
    if (this.seen.delete(peer.replica)) this.listener.statusChanged();
  }

  private receive({ replica }: Peer, message: string): void {
    const event = /^event: (\w+)$/m.exec(message)?.[1];
    const data = /^data: (.*)$/m.exec(message)?.[1] ?? '';
    if (event === 'status') {
      const status = StatusView.safeParse(parsed(data));
      if (!status.success) return;
      this.seen.set(replica, status.data);
      this.listener.statusChanged();
    } else if (event === 'hello') {
      this.listener.partRenewed();
    } else if (event === 'instances' || event === 'probes' || event === 'event') {
      // Its ids count the events of that replica, so they mean nothing here.
      this.listener.pass(`event: ${event}\ndata: ${data}\n\n`, event === 'probes');
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
