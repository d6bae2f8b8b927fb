import type { Profile } from './profile.ts';
import { smileapi } from './smileapi.ts';

/** The gateways that an account can name. */
export const builtInProfiles: ReadonlyMap<string, Profile> = new Map(
  [smileapi].map((profile) => [profile.name, profile]),
);
