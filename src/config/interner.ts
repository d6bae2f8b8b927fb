/** Gives one object for all equal ones, so that a large fleet keeps a handful of them. Values must be plain JSON. */
export function interner<T extends object>(): (value: T) => T {
  const byText = new Map<string, T>();
  return (value) => {
    const text = JSON.stringify(value);
    const first = byText.get(text) ?? value;
    byText.set(text, first);
    return first;
  };
}
