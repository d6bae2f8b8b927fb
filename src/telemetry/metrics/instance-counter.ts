import type { AboutInstance } from '../../core/event.ts';
import { identity, label, metricHead, sampleName } from './exposition.ts';

/** Counts by owner, and then by further labels, both as they are written in the text. */
type Counts = Map<string, Map<string, number>>;

/**
 * A counter with as many label sets as there are instances, and one by account for those who must not see the names of
 * instances. It becomes text part by part, which the registry of prom-client cannot do.
 */
export class InstanceCounter {
  private readonly name: string;
  private readonly help: string;
  private readonly byInstance: Counts = new Map();
  private readonly byAccount: Counts = new Map();

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  /** @param labels further ones; may be empty */
  add({ account, name }: AboutInstance, labels: string): void {
    count(this.byInstance, identity(account, name), labels);
    count(this.byAccount, label('account', account), labels);
  }

  forget(name: string, account: string): void {
    this.byInstance.delete(identity(account, name));
  }

  forgetAccount(account: string): void {
    this.byAccount.delete(label('account', account));
  }

  *series(perInstance: boolean): Generator<string> {
    yield metricHead(this.name, this.help, 'counter');
    for (const [owner, counts] of perInstance ? this.byInstance : this.byAccount) {
      for (const [labels, amount] of counts) {
        yield `${sampleName(this.name, labels === '' ? owner : `${owner},${labels}`)} ${amount}\n`;
      }
    }
  }
}

function count(owners: Counts, owner: string, labels: string): void {
  const counts = owners.get(owner) ?? new Map<string, number>();
  owners.set(owner, counts);
  counts.set(labels, (counts.get(labels) ?? 0) + 1);
}
