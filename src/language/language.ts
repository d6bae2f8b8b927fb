/** The languages that people are spoken to in. Log, causes, metrics and API are English in any case. */
export const LANGUAGES = ['en', 'pt-BR'] as const;
export type Language = (typeof LANGUAGES)[number];

/** As its own people call it. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', 'pt-BR': 'Português' };

/**
 * The first language of a list that is spoken here; null: none. It takes tags such as `pt-BR`, `pt`, and those of POSIX
 * (`pt_BR.UTF-8`), as a config, a browser or an environment gives them. All kinds of Portuguese count as one.
 */
export function languageAmong(tags: readonly (string | undefined)[]): Language | null {
  for (const tag of tags) {
    const primary = /^[A-Za-z]+/.exec(tag ?? '')?.[0].toLowerCase();
    const found = LANGUAGES.find((language) => language.split('-')[0] === primary);
    if (found !== undefined) return found;
  }
  return null;
}

/** The language that a browser asks for in the header Accept-Language; English where it names none that is spoken here. */
export function languageOfBrowser(acceptLanguage: string | undefined): Language {
  return languageAmong(acceptLanguage?.split(',').map((tag) => tag.trim()) ?? []) ?? 'en';
}

/** The language that the environment of a command asks for, as POSIX has it; English where it asks for none. */
export function languageOfEnvironment(env: Readonly<Record<string, string | undefined>>): Language {
  const { LANGUAGE, LC_ALL, LC_MESSAGES, LANG } = env;
  const set = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '');
  const isPlain = set === undefined || /^(C|POSIX)\b/.test(set);
  return languageAmong(isPlain ? [set] : [...(LANGUAGE?.split(':') ?? []), set]) ?? 'en';
}
