/** Chance that can be repeated (mulberry32): numbers from 0 up to, but not including, 1. */
export function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of them. */
export function pick<T>(chance: () => number, values: readonly [T, ...T[]]): T {
  return values[Math.floor(chance() * values.length)] ?? values[0];
}

/** A whole number from `least` to `most`. */
export function between(chance: () => number, least: number, most: number): number {
  return least + Math.floor(chance() * (most - least + 1));
}
