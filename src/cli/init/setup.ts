import type { Profile } from '../../gateway/profiles/profile.ts';

/** Where a secret comes from, and so what the config says of it. */
export type Secret = { readonly value: string } & (
  | { readonly from: 'variable'; readonly variable: string }
  /** A file that is there already; its path as the config names it. */
  | { readonly from: 'file'; readonly file: string }
  /** Typed: it gets a file of its own. */
  | { readonly from: 'person' }
);

/** What is known of an account before its instances are. */
export interface Setup {
  readonly profile: Profile;
  readonly account: string;
  readonly baseUrl: string;
  /** Null: the gateway asks for none. */
  readonly username: string | null;
  /** `token`, and further ones by name. */
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** An instance to be watched. */
export interface Chosen {
  readonly id: string;
  /** Null: the id is its name. */
  readonly name: string | null;
  /** Its own, from the gateway's list; null: that of the account is used. */
  readonly token: Secret | null;
}
