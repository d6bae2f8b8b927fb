import { metricHead, sampleName } from './exposition.ts';

/**
 * A counter with as many label sets as there are instances. It becomes text part by part, which the registry of
 * prom-client cannot do.
 */
export class CounterMap {
  private readonly name: string;
  private readonly help: string;
  /** By owner, and then by further labels as they are written in the text. */
  private readonly owners = new Map<string, Map<string, number>>();

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  /** @param owner labels that name what is counted. @param labels further ones; may be empty */
  add(owner: string, labels: string): void {
    const counts = this.owners.get(owner) ?? new Map<string, number>();
    this.owners.set(owner, counts);
    counts.set(labels, (counts.get(labels) ?? 0) + 1);
  }

  forget(owner: string): void {
    this.owners.delete(owner);
  }

  *series(): Generator<string> {
    yield metricHead(this.name, this.help, 'counter');
    for (const [owner, counts] of this.owners) {
      for (const [labels, count] of counts) {
        yield `${sampleName(this.name, labels === '' ? owner : `${owner},${labels}`)} ${count}\n`;
      }
    }
  }
}
