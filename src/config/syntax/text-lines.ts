/** Turns offsets in a text into lines and columns, both from 1. The text is searched at the first call. */
export function lineFinder(text: string): (offset: number) => { readonly line: number; readonly column: number } {
  let known: readonly number[] | null = null;
  return (offset) => {
    const starts = (known ??= [
      0,
      ...Array.from(text.matchAll(/\r\n|\n|\r/g), (found) => found.index + found[0].length),
    ]);
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
