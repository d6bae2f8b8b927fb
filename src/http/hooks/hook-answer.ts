import { z } from '@hono/zod-openapi';
import { WEBHOOK_RESULTS } from '../../core/webhook.ts';
import { HttpProblem } from '../problem.ts';

/** What became of the webhook of a gateway for a whole account. */
export const HookAnswer = z.strictObject({
  instance: z.string().nullable().openapi({ description: 'The instance that it is about; null: it is not watched.' }),
  result: z.enum(WEBHOOK_RESULTS),
  probe: z.enum(['now', 'later']).nullable().openapi({ description: 'When it is probed for that; null: it is not.' }),
});
export type HookAnswer = z.output<typeof HookAnswer>;

/** What became of one that is a list of events. */
export const HookAnswers = z.strictObject({
  results: z
    .array(
      HookAnswer.extend({
        problem: z.string().optional().openapi({ description: 'What is wrong with an event that cannot be read.' }),
      }),
    )
    .openapi({ description: 'Of each event of the list, in its order.' }),
});
export type HookAnswers = z.output<typeof HookAnswers>;

const Refusal = z.object({ detail: z.string() });

/**
 * What another replica answered about one event.
 *
 * @throws HttpProblem what it refused the event with
 */
export async function answerIn(response: Response): Promise<HookAnswer> {
  // What is no JSON is no answer, which is said below.
  const said: unknown = await response.json().catch(() => null);
  const { data: answer } = HookAnswer.safeParse(said);
  if (answer !== undefined) return answer;
  const { data: refusal } = Refusal.safeParse(said);
  if (refusal === undefined) throw new HttpProblem(503, 'The replica that watches it gave an answer that is none.');
  throw new HttpProblem(response.status < 500 ? 400 : 503, refusal.detail);
}
