import { quoted } from './quoted.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text with its variables filled in, or why that is impossible. */
export type Expansion =
  { readonly value: string } | { readonly mistakes: readonly { readonly message: string; readonly remedy: string }[] };

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Replaces every `${NAME}` by the variable's value, which is not expanded again, and every `$${` by a literal `${`.
 * There are no defaults, so a misspelt variable cannot become an empty token.
 */
export function expandVariables(text: string, env: Environment): Expansion {
  if (!text.includes('${')) return { value: text };
  const mistakes: { message: string; remedy: string }[] = [];
  const value = text.replace(REFERENCE, (reference, name: string | undefined, end: string) => {
    if (name === undefined) return '${';
    if (end === '' || !NAME.test(name)) {
      mistakes.push({
        message: 'holds "${" that does not begin a variable such as ${NAME}',
        remedy: 'Write $${ for a literal ${.',
      });
      return reference;
    }
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    if (found === undefined) {
      // A token in braces must not be taken for a name and repeated.
      const variable = quoted(name) === null ? 'the environment variable' : name;
      mistakes.push({
        message: variable === name ? `environment variable ${name} is not set` : `${variable} is not set`,
        remedy: `Set ${variable === name ? name : 'it'}, or write $\${ for a literal \${.`,
      });
    }
    return found ?? reference;
  });
  return mistakes.length === 0 ? { value } : { mistakes };
}
