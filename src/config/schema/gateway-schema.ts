import { z } from 'zod';
import { CAUSES, type Cause } from '../../core/verdict.ts';
import { SOURCES } from '../../gateway/profiles/profile.ts';
import { WORD_CAUSES } from '../../gateway/profiles/words.ts';
import { baseUrlMistake } from '../values/addresses.ts';
import { conditions, expected, placeText } from '../values/conditions.ts';
import { checkedText, mistake, nameText } from '../values/scalars.ts';
import { wordText } from '../values/state-words.ts';
import { activityOverrides, probeOverrides, restartOverrides } from './policy-schema.ts';
import { basic, requestWith, step, templates } from './request-schema.ts';

/**
 * What an example shows; the contract of all gateways is tested with them, and the simulator plays them. `event` and
 * `message` are bodies of webhooks.
 */
const SITUATIONS = [
  'healthy',
  'lost',
  'connecting',
  'pairing',
  'banned',
  'unknown',
  'wrongToken',
  'accepted',
  'refused',
  'list',
  'health',
  'event',
  'message',
] as const;

const rule = z.strictObject({
  if: conditions.meta({
    description: 'Which places of the answer must hold which values; all conditions must be met.',
  }),
  is: z.enum(WORD_CAUSES as [Cause, ...Cause[]]).meta({ description: 'The cause that it means.' }),
  word: wordText()
    .optional()
    .meta({ description: 'Word for this state, for `on` of remedies; if left out, the text at the last place.' }),
});

const rules = z.array(rule).max(200).prefault([]).meta({
  description: 'What answers mean. The first rule that matches counts; these come before those of `extends`.',
});

const remedy = z.strictObject({
  on: z
    .array(wordText())
    .max(50)
    .prefault([])
    .meta({ description: 'State words for which it is meant; empty: for all.' }),
  knownOnly: z.boolean().default(false).meta({
    description:
      'true: only for an instance that was healthy before, because the call would create one that never existed.',
  }),
  steps: z.array(step).min(1).max(10).meta({
    description: 'The calls, one after the other; together they are one restart.',
  }),
});

const refusal = z.strictObject({
  if: conditions.meta({ description: 'Which places of the answer must hold which values.' }),
  is: z
    .enum(CAUSES.needs_human)
    .optional()
    .meta({ description: 'The cause, when repeating the call cannot help and a person is needed.' }),
});

const listPages = z
  .strictObject({
    first: z.int().min(0).max(1).default(1).meta({ description: 'Number of the first page.' }),
    count: placeText().optional().meta({ description: 'Place in the answer of the number of pages.' }),
    total: placeText().optional().meta({ description: 'Place in the answer of the number of all instances.' }),
  })
  .superRefine(({ count, total }, ctx) => {
    const remedy = 'Keep the place that the answer has, such as count: totalPages.';
    if ((count === undefined) === (total === undefined)) mistake(ctx, 'needs one of "count" and "total"', remedy);
  })
  .meta({ description: 'How a list that comes in pages is read: {page} in the request is the number of the page.' });

function reportPage({ pages, ...request }: { readonly pages?: unknown }, ctx: z.RefinementCtx): void {
  if (pages === undefined || JSON.stringify(request).includes('{page}')) return;
  const remedy = 'Write {page} where the number of the page stands, such as ?page={page}.';
  mistake(ctx, 'has "pages", and no request for one', remedy);
}

const place = (description: string) => placeText().optional().meta({ description });

/** A gateway as users, and the files of the built-in ones, describe it. What is left out is that of `extends`. */
export const gateway = z.strictObject({
  extends: nameText({
    description: 'The gateway, built-in or of this config, whose description fills in what is left out here.',
  }).optional(),
  known: z
    .strictObject({
      by: z
        .enum(SOURCES)
        .default('own')
        .meta({ description: 'Where the facts come from; the most reliable source comes first.' }),
      versions: z.string().max(200).optional().meta({ description: 'The versions for which they were found.' }),
      sources: z.array(z.string().max(500)).max(50).prefault([]).meta({ description: 'Where they can be looked up.' }),
      note: z.string().max(1000).optional().meta({ description: 'What else is worth knowing.' }),
    })
    .optional()
    .meta({ description: 'How the gateway is known.' }),
  baseUrl: checkedText(baseUrlMistake, 'Write it like https://gateway.example.org.')
    .optional()
    .meta({ description: 'Address of the gateway, unless the account sets another.' }),
  headers: templates.meta({ description: 'Headers of every request but that of `health`.', secret: false }),
  basic,
  probe: requestWith({}).optional().meta({ description: 'The request that shows how an instance is.' }),
  detail: requestWith({
    on: z
      .array(wordText())
      .min(1)
      .max(50)
      .meta({ description: 'State words of the first answer after which this request is made.' }),
    rules: rules.meta({ description: 'What its answer means; if none matches, the first answer counts.' }),
  })
    .nullable()
    .optional()
    .meta({ description: 'A second request, made when the first answer leaves the state open; null: none.' }),
  health: requestWith({
    ok: z.record(placeText(), expected()).prefault({}).meta({ description: 'What its answer says.' }),
  })
    .nullable()
    .optional()
    .meta({ description: 'The health route of the gateway itself, called without credentials; null: it has none.' }),
  list: requestWith({
    items: place('Place of the list in the answer; left out: the answer is the list.'),
    id: place('Place of the id in an item; left out: the item is the id.'),
    state: place('Place of a state word in an item.'),
    // A place is no secret.
    token: place("Place of the instance's own token in an item.").meta({ secret: false }),
    rules: rules.meta({ description: 'What an item means, before its state word.' }),
    partial: z.boolean().default(false).meta({
      description: 'true: the list leaves out instances that do not run, so a missing one may be lost.',
    }),
    lacksToken: z.boolean().default(false).meta({
      description: 'true: each instance has its own token, and the list does not contain it.',
      secret: false,
    }),
    pages: listPages.optional(),
  })
    .superRefine(reportPage)
    .nullable()
    .optional()
    .meta({ description: 'The request that lists the instances; null: there is none.' }),
  rules,
  state: z
    .strictObject({
      at: z.array(placeText()).max(50).optional().meta({ description: 'Places of a state word, the likeliest first.' }),
      connectedAt: z.array(placeText()).max(50).optional().meta({
        description: 'Places of a truth value that says whether the instance is connected.',
      }),
      words: z
        .partialRecord(z.enum(WORD_CAUSES as [Cause, ...Cause[]]), z.array(wordText()).max(200))
        .prefault({})
        .meta({ description: 'State words by what they mean; case, "-", "_" and blanks do not count.' }),
      responding: z.array(conditions).max(20).optional().meta({
        description: 'Signs that the gateway at least answers for the instance, for answers that name no state.',
      }),
    })
    .prefault({})
    .meta({ description: 'Where an answer holds its state word, and what the words mean; applied after `rules`.' }),
  remedies: z.array(remedy).max(20).optional().meta({
    description: 'What brings an instance back; the first that fits the last state word is applied. []: no call does.',
  }),
  refused: z
    .array(refusal)
    .max(50)
    .prefault([])
    .meta({ description: 'What shows that a call of a remedy was refused, whatever its status says.' }),
  webhook: z
    .strictObject({
      id: z.union([placeText(), z.array(placeText()).min(1).max(5)]).meta({
        description: "Place of the instance's id in the body, or several, the surest first.",
      }),
      event: conditions.optional().meta({ description: 'What shows that the connection changed; a probe follows.' }),
      message: conditions.optional().meta({ description: 'What shows a message, which is a sign of life.' }),
      sent: conditions.optional().meta({
        description: 'What shows that a message is only being sent, which is no sign of life, and ends no echo.',
      }),
    })
    .nullable()
    .optional()
    .meta({ description: 'How the webhooks of the gateway are read; null: they are not.' }),
  send: requestWith({
    toSelf: z.boolean().default(true).meta({
      description: 'false: no webhook shows that a message to its own number went through.',
    }),
  })
    .nullable()
    .optional()
    .meta({
      description:
        'Sends a text message, for `activity.echo`: {to} is a phone number in digits, and {text} what it says.',
    }),
  activityAt: place('Place in the answer to a probe of when a message last came in.'),
  defaults: z
    .strictObject({
      probe: probeOverrides.prefault({}).meta({ description: 'Overrides `defaults.probe` for its accounts.' }),
      restart: restartOverrides.prefault({}).meta({ description: 'Overrides `defaults.restart` for its accounts.' }),
      activity: activityOverrides.prefault({}).meta({ description: 'Overrides `defaults.activity` for its accounts.' }),
    })
    .prefault({})
    .meta({ description: 'Times that fit this gateway. What `defaults` of the config says comes first.' }),
  remedyTexts: z
    .partialRecord(z.enum(WORD_CAUSES as [Cause, ...Cause[]]), z.string().min(1).max(400))
    .prefault({})
    .meta({ description: 'What a person can do about a cause at this gateway, in place of the general text.' }),
  examples: z
    .partialRecord(
      z.enum(SITUATIONS),
      z.strictObject({
        status: z.int().min(100).max(599).default(200).meta({ description: 'HTTP status.' }),
        body: z.unknown().meta({ description: 'The JSON of the answer; {id} is the instance.' }),
      }),
    )
    .prefault({})
    .meta({ description: 'What the gateway answers in which situation, for tests and for the demo.' }),
});

export type GatewayInput = z.output<typeof gateway>;
