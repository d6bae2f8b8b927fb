import { expect, it } from 'vitest';
import { templateMistake } from './template-text.ts';

it.each([
  '{{title}}: {{#remedy}}do {{remedy}}{{/remedy}}{{^remedy}}-{{/remedy}}',
  '{{#instances}}{{name}} {{.}}{{/instances}} {{! why }} plain {',
])('%s is a template', (text) => {
  expect(templateMistake(text)).toBeNull();
});

it.each([
  ['{{{detail}}}', 'not allowed'],
  ['{{#instances}}{{& detail}}{{/instances}}', 'not allowed'],
  ['{{> other}}', 'not allowed'],
  ['{{#name}}', 'not a template'],
  ['{{displayname}}', 'what no message has'],
])('%s is none', (text, why) => {
  expect(templateMistake(text)?.message).toContain(why);
});
