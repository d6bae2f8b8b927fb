import type { Fleet } from './fleet.ts';
import type { Instance } from './instance.ts';

/** By account, then by what the gateway calls it. A fleet never changes: each reload makes another one. */
const known = new WeakMap<Fleet, ReadonlyMap<string, ReadonlyMap<string, Instance>>>();

/** The instance that the gateway of an account calls `id`; undefined: it is not watched. */
export function instanceById(fleet: Fleet, account: string, id: string): Instance | undefined {
  const index = known.get(fleet) ?? indexOf(fleet);
  known.set(fleet, index);
  return index.get(account)?.get(id);
}

function indexOf({ instances }: Fleet): ReadonlyMap<string, ReadonlyMap<string, Instance>> {
  const index = new Map<string, Map<string, Instance>>();
  for (const instance of instances.values()) {
    const { account, phoneNumberId } = instance;
    const ofAccount = index.get(account.name) ?? new Map<string, Instance>();
    index.set(account.name, ofAccount.set(phoneNumberId, instance));
  }
  return index;
}
