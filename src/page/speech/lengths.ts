const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/**
 * A length of time for people, of at most two units, rounded down: `45 s`, `3 min 5 s`, `2 d 4 h`. Below zero: `0 s`. The
 * signs are the same in all languages.
 */
export function spell(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([, length]) => rest >= length);
  if (first === -1) return '0 s';
  const parts = UNITS.slice(first, first + 2).map(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? '' : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** The same from an ISO time until `now` (epoch in ms). */
export function spellSince(iso: string, now: number): string {
  return spell((now - Date.parse(iso)) / 1_000);
}
