import { expect, it } from 'vitest';
import { languageAmong, languageOfBrowser, languageOfEnvironment } from './language.ts';

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
  ['pt-BR,pt;q=0.9,en;q=0.8', 'pt-BR'],
  ['de-DE, en;q=0.7, pt;q=0.3', 'en'],
  ['fr', 'en'],
  [undefined, 'en'],
])('a browser that sends %s gets %s', (header, language) => {
  expect(languageOfBrowser(header)).toBe(language);
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
