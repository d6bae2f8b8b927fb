import type { ConfigPath } from '../problems.ts';
import type { Place } from './source-file.ts';

type Children = ReadonlyMap<string | number, Place>;

const TOKEN = /"(?:[^"\\]+|\\.)*"|[[\]{}:,]|[^\s"[\]{}:,]+/g;

/**
 * Finds places in a text that JSON.parse has accepted: that of a path, or the nearest one above it that exists. The YAML
 * parser would find them too, but for one mistake in a list of 100,000 instances it takes four times as long as all the
 * rest, and a gigabyte.
 */
export function placesIn(text: string): (path: ConfigPath) => Place {
  /** By the offset of their list or mapping. */
  const known = new Map<number, Children>();
  return (path) => {
    const start = Math.max(text.search(/\S/), 0);
    let found: Place = { offset: start, keyOffset: start };
    for (const part of path) {
      const children = known.get(found.offset) ?? childrenOf(text, found.offset);
      known.set(found.offset, children);
      const next = children.get(part);
      if (next === undefined) break;
      found = next;
    }
    const isNested = text[found.offset] === '{' || text[found.offset] === '[';
    return isNested ? { ...found, offset: found.keyOffset } : found;
  };
}

/** What stands right in the list or mapping that begins at `from`; empty for anything else. */
function childrenOf(text: string, from: number): Children {
  const children = new Map<string | number, Place>();
  const isMapping = text[from] === '{';
  let depth = 0;
  let key: { readonly name: string; readonly offset: number } | null = null;
  TOKEN.lastIndex = from;
  for (const { 0: token, index: offset } of text.matchAll(TOKEN)) {
    const isEnd = token === '}' || token === ']';
    if (depth === 1 && !isEnd && token !== ',' && token !== ':') {
      if (isMapping && key === null) key = { name: JSON.parse(token) as string, offset };
      else {
        children.set(key?.name ?? children.size, { offset, keyOffset: key?.offset ?? offset });
        key = null;
      }
    }
    if (token === '{' || token === '[') depth += 1;
    else if (isEnd) depth -= 1;
    if (depth === 0) break;
  }
  return children;
}
