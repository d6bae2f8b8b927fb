import { MOST_LISTED, type ListedInstance, type ListResult } from '../../gateway/gateway.ts';

/**
 * All pages of a list as one, turned one after the other. One that fails, or brings nothing new, makes the whole fail: a list of
 * which a part is missing would look like instances that are gone.
 *
 * @param listPage the list at a page, from 1 on; null: it is no longer wanted
 */
export async function wholeList<None extends null = null>(
  listPage: (page: number) => Promise<ListResult | None>,
): Promise<ListResult | None> {
  const first = await listPage(1);
  if (first?.type !== 'listed' || first.pages === undefined) return first;
  const found = new Map(first.instances.map((instance) => [instance.id, instance]));
  let { unusable } = first;
  for (let page = 2; page <= first.pages; page += 1) {
    const next = await listPage(page);
    if (next === null) return next;
    const where = `page ${page} of ${first.pages}`;
    if (next.type === 'failed') return { ...next, detail: [where, next.detail ?? 'failed'].join(': ') };
    if (!next.instances.some(({ id }) => !found.has(id)) && next.unusable === 0) {
      const detail = `${where} holds no instance that is not on one before it`;
      return { type: 'failed', cause: 'unknown_state', detail, retryAfter: null };
    }
    unusable += next.unusable + added(found, next.instances);
  }
  return { type: 'listed', instances: [...found.values()], unusable };
}

/** How many of them are too many. Of one that is there already nothing is believed. */
function added(found: Map<string, ListedInstance>, instances: readonly ListedInstance[]): number {
  let tooMany = 0;
  for (const instance of instances) {
    const before = found.get(instance.id);
    if (before !== undefined) found.set(instance.id, { ...before, cause: null });
    else if (found.size < MOST_LISTED) found.set(instance.id, instance);
    else tooMany += 1;
  }
  return tooMany;
}
