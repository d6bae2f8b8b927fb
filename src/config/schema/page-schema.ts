import { z } from 'zod';
import { patternText } from '../values/scalars.ts';
import { notTogether, ownToken } from './paired-keys.ts';

const publicPage = z
  .strictObject({
    groupBy: patternText(/^(all|account|label:.+)$/, 'is no group', 'Write all, account, or label:KEY.')
      .transform((text) => text as 'all' | 'account' | `label:${string}`)
      .default('account')
      .meta({
        description: 'What it groups instances by: `account`, a label (`label:city`), or `all` for one group.',
      }),
    hideNumbers: z
      .boolean()
      .default(true)
      .meta({ description: 'true: it shows groups only, and no names and phone numbers of instances.' }),
    ...ownToken(
      'token',
      'Token that it requires, as `?token=`; null: everybody may see it. The token allows nothing else.',
    ),
  })
  .check(notTogether('token', 'tokenFile'));

/** The status page, and the one for everybody. */
export const page = z.strictObject({
  public: publicPage.nullable().default(null).meta({
    description:
      'A read-only page for everybody at `/public`, with availability and maintenance, and badges; null: there is none. `{}` has one with the defaults.',
  }),
  url: patternText(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, 'is not a web address', 'Write it as https://host/path.')
    .nullable()
    .default(null)
    .meta({
      description:
        'Address at which people reach the status page, such as https://watchdog.example.org: messages link to it; null: they have no link.',
    }),
});
