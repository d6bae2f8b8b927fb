/** A type whose values nothing may change. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;

/**
 * `Core`, a type of `src/core`, which has to be the same as `Said`, the type of what a schema gives out: a key that only
 * the schema has makes it `never`, and a key that only `Core` has does not compile.
 */
export type SameAs<Said extends Core, Core> = [Core] extends [Said] ? Core : never;
