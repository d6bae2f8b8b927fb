import { stableHash } from '../instance/instance.ts';

/** What people may call an instance in a metric, a URL or on a command line. */
export const NAME = /^[A-Za-z0-9._-]{1,63}$/;
/** An odd name is cut to this, to have room for its mark. */
const LONGEST_STEM = 54;

/**
 * The name under which an instance that a gateway listed is watched: its id where that is a name and still free; else
 * what is left of it, with a mark that follows from account and id. So it is the same in each process and after each
 * start. Null: even that is taken.
 *
 * @param withAccount whether several accounts find instances, so that the account is a part of each name
 */
export function nameOfFound(
  account: string,
  id: string,
  withAccount: boolean,
  isFree: (name: string) => boolean,
): string | null {
  const whole = withAccount ? `${account}.${id}` : id;
  if (NAME.test(whole) && isFree(whole)) return whole;
  const stem = whole
    .normalize('NFD')
    .replace(/\p{Mark}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/gu, '-')
    .replace(/^-+|-+$/gu, '')
    .slice(0, LONGEST_STEM);
  const mark = stableHash(`${account}\u{0}${id}`).toString(16).padStart(8, '0');
  const name = `${stem === '' ? 'instance' : stem}-${mark}`;
  return isFree(name) ? name : null;
}

/** What no two instances of a fleet have both of, as one text: names of accounts hold no blank. */
export function idKey(account: string, id: string): string {
  return `${account} ${id}`;
}
