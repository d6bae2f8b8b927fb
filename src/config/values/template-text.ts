import mustache from 'mustache';
import { TEMPLATE_FIELDS } from '../../core/notification.ts';
import type { Mistake } from '../../core/problem.ts';
import { closestWord } from '../syntax/spelling.ts';

const FIELDS: readonly string[] = TEMPLATE_FIELDS;

/** What mustache's parser gives: kind, name, two places, and what stands within a section. */
type Token = readonly [kind: string, name: string, from: number, to: number, within?: readonly Token[]];

/**
 * Why a text cannot be a template of messages; null when it can. What is not escaped, and what another file would have to
 * give, is none: parts of a message come from outside.
 */
export function templateMistake(text: string): Mistake | null {
  let tokens: readonly Token[];
  try {
    tokens = mustache.parse(text) as unknown as readonly Token[];
  } catch {
    return { message: 'is not a template', remedy: 'Close every {{ with }}, and every {{#name}} with {{/name}}.' };
  }
  return mistakeIn(tokens);
}

function mistakeIn(tokens: readonly Token[]): Mistake | null {
  for (const [kind, name, , , within] of tokens) {
    if (kind === 'text' || kind === '!') continue;
    if (kind === '&' || kind === '>' || kind === '=') {
      const remedy = 'Write {{name}}, {{#name}}…{{/name}} or {{^name}}…{{/name}}.';
      return { message: 'has a tag that is not allowed', remedy };
    }
    if (name !== '.' && !FIELDS.includes(name)) {
      const close = closestWord(name, FIELDS);
      const remedy = close === null ? `Known are ${FIELDS.join(', ')}.` : `Did you mean {{${close}}}?`;
      return { message: `names what no message has: ${JSON.stringify(name.slice(0, 40))}`, remedy };
    }
    const found = within === undefined ? null : mistakeIn(within);
    if (found !== null) return found;
  }
  return null;
}
