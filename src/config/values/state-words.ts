import { z } from 'zod';
import { verdictOf, type Cause } from '../../core/verdict.ts';
import { normalizeWord, parseWordMeaning, WORD_CAUSES } from '../../gateway/profiles/words.ts';
import { mistake, type Meta } from './scalars.ts';

/** A word for a state, as a gateway says it. */
export function wordText(remedy = 'Write the word as the gateway does, in quotes if it is a number.') {
  return z.string().refine((text) => normalizeWord(text) !== '', {
    error: 'holds a state word without a letter',
    params: { remedy },
  });
}

/** State words and what they mean. */
export function stateWords(meta: Meta) {
  const meaning = z.string().transform((text, ctx): Cause => {
    const cause = parseWordMeaning(text);
    if (cause !== null) return cause;
    const known = WORD_CAUSES.map((each) => `${verdictOf(each)}/${each}`).join(', ');
    mistake(ctx, '{value} is not a meaning of a state word', `Write a verdict or one of ${known}.`);
    return z.NEVER;
  });
  return z
    .record(wordText('Write the word as the gateway does; case, "-", "_" and blanks do not count.'), meaning)
    .prefault({})
    .meta({ ...meta });
}
