/** Gives one object for all equal ones, so that a large fleet keeps a handful of them. Values must be plain JSON. */
export class Interner<T extends object> {
  readonly #byText = new Map<string, T>();

  /** The first value that was equal to this one. */
  of(value: T): T {
    const text = JSON.stringify(value);
    const first = this.#byText.get(text) ?? value;
    this.#byText.set(text, first);
    return first;
  }
}
