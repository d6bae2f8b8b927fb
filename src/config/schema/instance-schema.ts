import { z } from 'zod';
import { cleanText } from '../../redaction/clean-text.ts';
import { fileText, labelTexts, mistake, nameText, phoneNumberIdText, tokenText } from '../values/scalars.ts';
import { activityOverrides, probeOverrides, restartOverrides } from './policy-schema.ts';

/** One WhatsApp number to watch. */
export const instance = z
  .strictObject({
    account: z.string().meta({ description: 'The account through which the instance is reached.' }),
    phoneNumberId: phoneNumberIdText({
      description: 'The phoneNumberId, or another id, that the instance has at its gateway.',
      type: ['string', 'integer'],
    }).optional(),
    id: phoneNumberIdText({
      description: 'The same, for gateways that do not call it phoneNumberId.',
      type: ['string', 'integer'],
    }).optional(),
    name: nameText({
      description: 'Unique name in logs, metrics and commands; the phoneNumberId if left out.',
    }).optional(),
    displayName: z.string().overwrite(cleanText).trim().min(1).max(100).nullable().default(null).meta({
      description:
        'What people call the instance, in any script, such as "Recepção – São Paulo": shown beside `name` in messages, tables, status page and API; null: nothing.',
    }),
    token: tokenText({
      description: 'Its own token, in place of that of the account, for gateways where each instance has one.',
    }).optional(),
    tokenFile: fileText({ description: 'File that holds `token`, relative to this file.' }).optional(),
    labels: labelTexts({
      description: 'More labels, which the status page and the metric watchdog_instance_info show.',
    }),
    enabled: z.boolean().default(true).meta({ description: 'false: the instance is neither probed nor restarted.' }),
    probe: probeOverrides.prefault({}).meta({ description: 'Overrides the `probe` of the account.' }),
    restart: restartOverrides.prefault({}).meta({ description: 'Overrides the `restart` of the account.' }),
    activity: activityOverrides.prefault({}).meta({ description: 'Overrides the `activity` of the account.' }),
  })
  .superRefine(checkIdentity);

/** An instance, whose id has one name. */
export type InstanceInput = Omit<z.output<typeof instance>, 'phoneNumberId' | 'id'> & {
  readonly phoneNumberId: string;
};

/** One pass over all that two keys of an instance say together: a fleet may have very many. */
function checkIdentity(value: Record<string, unknown>, ctx: z.RefinementCtx): void {
  const { phoneNumberId, id, token, tokenFile } = value;
  const keepOne = 'Keep one of the two.';
  if (phoneNumberId === undefined && id === undefined) {
    mistake(ctx, 'is missing', 'Add it. The phoneNumberId that the instance has at its gateway.', 'phoneNumberId');
  }
  if (phoneNumberId !== undefined && id !== undefined) {
    mistake(ctx, '"phoneNumberId" and "id" are the same, and exclude each other', keepOne, 'id');
  }
  if (token !== undefined && tokenFile !== undefined) {
    mistake(ctx, '"token" and "tokenFile" exclude each other', keepOne, 'tokenFile');
  }
}
