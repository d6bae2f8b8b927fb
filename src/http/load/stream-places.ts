/** An open stream. */
export interface Placed {
  readonly client: string;
  readonly end: () => void;
}

/** More streams of one client than this are no people who watch. */
const FAIR_SHARE = 10;

/**
 * The places for live streams. When all are taken, a new stream gets the place of the oldest one of the client that has the
 * most, if that has more than its share.
 */
export class StreamPlaces {
  private readonly most: number;
  private readonly placed = new Set<Placed>();

  constructor(most: number) {
    this.most = most;
  }

  /** @returns whether there is a place; then it is taken until `leave` */
  enter(stream: Placed): boolean {
    if (this.placed.size >= this.most && !this.makePlace()) return false;
    this.placed.add(stream);
    return true;
  }

  leave(stream: Placed): void {
    this.placed.delete(stream);
  }

  private makePlace(): boolean {
    const byClient = new Map<string, Placed[]>();
    for (const stream of this.placed) byClient.set(stream.client, [...(byClient.get(stream.client) ?? []), stream]);
    const [largest = []] = [...byClient.values()].sort((a, b) => b.length - a.length);
    const [oldest] = largest;
    if (oldest === undefined || largest.length <= FAIR_SHARE) return false;
    this.placed.delete(oldest);
    oldest.end();
    return true;
  }
}
