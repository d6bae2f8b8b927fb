import { LANGUAGES, type Language } from '../../language/language.ts';

const KEY = 'smileapi-watchdog.language';

/** The language that was chosen in this browser, else that of the document: the server knows config and browser. */
export function chosenLanguage(storage: Pick<Storage, 'getItem'>, ofDocument: string): Language {
  const chosen = storage.getItem(KEY);
  return LANGUAGES.find((language) => language === chosen) ?? LANGUAGES.find((each) => each === ofDocument) ?? 'en';
}

/** From the next load of the page on. */
export function chooseLanguage(storage: Pick<Storage, 'setItem'>, language: Language): void {
  storage.setItem(KEY, language);
}
