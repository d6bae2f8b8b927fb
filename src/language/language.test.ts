import { expect, it } from 'vitest';
import { languageAmong, languageOfEnvironment } from './language.ts';

it.each([
  [['pt-BR'], 'pt-BR'],
  [['pt_BR.UTF-8'], 'pt-BR'],
  [['pt-PT', 'en'], 'pt-BR'],
  [['de', 'en-US'], 'en'],
  [['de', undefined, ''], null],
  [['ptolemy'], null],
])('of %j it is %s', (tags, language) => {
  expect(languageAmong(tags)).toBe(language);
});

it.each([
  [{}, 'en'],
  [{ LANG: 'pt_BR.UTF-8' }, 'pt-BR'],
  [{ LANG: 'pt_BR.UTF-8', LC_ALL: 'C.UTF-8' }, 'en'],
  [{ LANG: 'de_DE.UTF-8' }, 'en'],
  [{ LANG: 'de_DE.UTF-8', LANGUAGE: 'de:pt' }, 'pt-BR'],
  [{ LANG: 'C', LANGUAGE: 'pt' }, 'en'],
  [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'pt_BR' }, 'pt-BR'],
])('the environment %j asks for %s', (env, language) => {
  expect(languageOfEnvironment(env)).toBe(language);
});
