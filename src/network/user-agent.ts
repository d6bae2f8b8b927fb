import { VERSION } from '../version.ts';

/** What every request to others names as its sender; firewalls refuse requests without (OWASP CRS rule 920320). */
export const USER_AGENT = `smileapi-watchdog/${VERSION}`;
