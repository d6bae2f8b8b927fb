import { HttpProblem } from '../problem.ts';

export interface SlotLimits {
  /** Answers that are made at once. */
  readonly most: number;
  /** Requests that wait for their turn; further ones are refused. */
  readonly waiting: number;
}

interface Waiting {
  readonly client: string;
  readonly begin: () => void;
}

/**
 * Lets a few long answers be made at once, so that the pauses in them leave the process free. One client has at most half of
 * the places, of those that work and of those that wait, and the other half stays for everybody else.
 */
export class Slots {
  private readonly limits: SlotLimits;
  private readonly working: string[] = [];
  private readonly waiting: Waiting[] = [];

  constructor(limits: SlotLimits) {
    this.limits = limits;
  }

  /**
   * Does `work` when there is room for it.
   *
   * @throws HttpProblem 503 when too many wait already
   */
  async run<T>(client: string, work: () => Promise<T>): Promise<T> {
    if (this.hasRoom(client)) this.working.push(client);
    else await this.turnOf(client);
    try {
      return await work();
    } finally {
      this.working.splice(this.working.indexOf(client), 1);
      this.beginNext();
    }
  }

  private hasRoom(client: string): boolean {
    const { most } = this.limits;
    return this.working.length < most && this.working.filter((other) => other === client).length < most / 2;
  }

  private turnOf(client: string): Promise<void> {
    const ofClient = this.waiting.filter((other) => other.client === client).length;
    if (this.waiting.length >= this.limits.waiting || ofClient >= this.limits.waiting / 2) {
      throw new HttpProblem(503, 'Too many long answers are being made; try again in a moment.', {
        'retry-after': '1',
      });
    }
    return new Promise((begin) => void this.waiting.push({ client, begin }));
  }

  private beginNext(): void {
    const index = this.waiting.findIndex(({ client }) => this.hasRoom(client));
    const [next] = index < 0 ? [] : this.waiting.splice(index, 1);
    if (next === undefined) return;
    // At once, so that no newcomer takes the place in between.
    this.working.push(next.client);
    next.begin();
  }
}
