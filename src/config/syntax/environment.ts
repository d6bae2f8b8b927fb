import type { Mistake } from '../../core/problem.ts';
import { quoted } from './quoted.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text with its variables filled in, or why that is impossible. */
export type Expansion = { readonly value: string } | { readonly mistakes: readonly Mistake[] };

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Replaces every `${NAME}` by the variable's value, which is not expanded again, and every `$${` by a literal `${`. In
 * `${NAME:-text}` the text stands for a variable that is not set or empty, as in a shell. Without it such a variable is a
 * mistake, so that a misspelt one cannot become an empty token.
 */
export function expandVariables(text: string, env: Environment): Expansion {
  if (!text.includes('${')) return { value: text };
  const mistakes: Mistake[] = [];
  const value = text.replace(REFERENCE, (reference, inner: string | undefined, end: string) => {
    if (inner === undefined) return '${';
    const [, name, otherwise] = end === '' ? [] : (VARIABLE.exec(inner) ?? []);
    if (name === undefined) {
      mistakes.push({
        message: 'holds "${" that does not begin a variable such as ${NAME} or ${NAME:-default}',
        remedy: 'Write $${ for a literal ${.',
      });
      return reference;
    }
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    if (found !== undefined && found !== '') return found;
    if (otherwise === undefined) mistakes.push(absent(name, found));
    return otherwise ?? reference;
  });
  return mistakes.length === 0 ? { value } : { mistakes };
}

function absent(name: string, found: string | undefined): Mistake {
  // A token in braces must not be taken for a name and repeated.
  const [variable, it] =
    quoted(name) === null ? ['the environment variable', 'it'] : [`environment variable ${name}`, name];
  return found === undefined
    ? { message: `${variable} is not set`, remedy: `Set ${it}, or write $\${ for a literal \${.` }
    : { message: `${variable} is empty`, remedy: `Set ${it}, or write \${NAME:-} with its name if it may be empty.` };
}
