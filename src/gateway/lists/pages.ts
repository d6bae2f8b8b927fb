import { keysOf, valueAt } from '../answers/places.ts';
import type { InstanceList } from '../profiles/profile.ts';

/** At most this many pages of a list are read. */
export const MOST_PAGES = 100;

/** Where answers say that they are only a page, beside the list and in what many write around it. */
const AROUND = ['', 'meta', 'pagination', 'paging', 'page', 'pageInfo', '_meta', 'links', '_links'] as const;
/** More than one means that there are more pages. */
const PAGES = ['totalPage', 'totalPages', 'total_pages', 'pages', 'pageCount', 'page_count', 'lastPage', 'last_page'];
/** More than there are in the list means that there are more pages. */
const TOTALS = [
  ...['total', 'totalCount', 'total_count', 'totalItems', 'total_items', 'totalElements', 'totalRecords'],
  ...['total_records', 'totalResults', 'total_results'],
];
/** `true` means that there are more pages. */
const MORE = ['hasMore', 'has_more', 'hasNext', 'has_next', 'hasNextPage', 'has_next_page'];
/** `false` means that there are more pages. */
const LAST = ['last', 'isLast', 'is_last', 'isLastPage', 'is_last_page'];
/** Something means that there are more pages: an address, a number, or what is to be sent for the next one. */
const NEXT = [
  ...['next', 'nextPage', 'next_page', 'nextPageToken', 'next_page_token', 'nextCursor', 'next_cursor'],
  ...['nextPageUrl', 'next_page_url'],
];

/**
 * How many pages the list has of which this is one; a text: why it cannot be read, because it is only a page and the
 * profile does not describe pages, or because the answer does not say how many there are.
 *
 * @param here how many items it holds
 */
export function pagesOf({ items, partial, pages }: InstanceList, json: unknown, here: number): number | string {
  if (pages === null) return partial ? 1 : (onlyPage(json, items, here) ?? 1);
  const { count, total } = pages;
  const place = count ?? total ?? '';
  const named = wholeNumber(valueAt(json, keysOf(place)));
  if (named === null) return `the answer does not say at ${place} how many there are`;
  if (count === null && named > 0 && here === 0)
    return `the answer holds no instance, but says at ${place} that there are ${named}`;
  const number = count === null ? Math.ceil(named / Math.max(1, here)) : named;
  if (number <= MOST_PAGES) return Math.max(1, number);
  return `the list has ${number} pages, and at most ${MOST_PAGES} are read: request more instances on each`;
}

/** Whether the header `Link` leads to a next page (RFC 8288 section 3.3). */
export function leadsOn({ partial, pages }: InstanceList, link: string | null | undefined): boolean {
  if (pages !== null || partial || typeof link !== 'string') return false;
  const relations = [...link.matchAll(/;\s*rel\s*=\s*(?:"([^"]*)"|([^\s,;"]+))/giu)];
  return relations.some(([, quoted = '', plain = '']) => /(^|\s)next(\s|$)/iu.test(`${quoted} ${plain}`));
}

/** What shows that an answer is only a page of the list; null: nothing does. */
function onlyPage(json: unknown, items: string, here: number): string | null {
  const beside = keysOf(items).slice(0, -1);
  const places = [[], beside].flatMap((outer) => AROUND.map((around) => [...outer, ...keysOf(around)]));
  for (const keys of places) {
    const signs = valueAt(json, keys);
    if (typeof signs !== 'object' || signs === null || Array.isArray(signs)) continue;
    const sign = signIn(signs as Readonly<Record<string, unknown>>, here);
    if (sign !== null) return onlyPageAs([...keys, sign].join('.'));
  }
  return null;
}

/** Why the list was not taken, as `place` shows. */
export function onlyPageAs(place: string): string {
  return `the answer is only a page of the list, as its ${place} shows: describe its pages with list.pages, or request more instances at once`;
}

/** The key that shows that there is more than these; null: none does. */
function signIn(signs: Readonly<Record<string, unknown>>, here: number): string | null {
  const found = (keys: readonly string[], shows: (value: unknown) => boolean): string | undefined =>
    keys.find((key) => Object.hasOwn(signs, key) && shows(signs[key]));
  return (
    found(PAGES, (value) => (wholeNumber(value) ?? 0) > 1) ??
    found(TOTALS, (value) => (wholeNumber(value) ?? 0) > here) ??
    found(MORE, (value) => value === true) ??
    found(LAST, (value) => value === false) ??
    found(NEXT, isNext) ??
    null
  );
}

/** HAL has the address in an object of its own. */
function isNext(value: unknown): boolean {
  const address = valueAt(value, ['href']) ?? value;
  return typeof address === 'string' ? address !== '' : (wholeNumber(address) ?? 0) > 0;
}

/** A whole number from 0 on, also where it is written as a text; null: it is none. */
function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}
