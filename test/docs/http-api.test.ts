import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { InstanceQuery } from '../../src/http/routes/instance-query.ts';
import { StatusView } from '../../src/http/views/schemas.ts';
import { httpParts } from '../http/http-parts.ts';
import { codeLinesOf, DOCUMENTS, read, sectionOf, tableOf, wordsOf } from './markdown.ts';

const page = read('docs/http-api.md');
const routes = createApp(httpParts())
  .routes.filter(({ method }) => method !== 'ALL')
  .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);

describe('docs/http-api.md', () => {
  it('lists every route, and none that does not exist', () => {
    expect(new Set(wordsOf(tableOf(page, 'route', 'answer')))).toEqual(new Set(routes));
  });

  it('lists every parameter of the list of instances', () => {
    const listed = wordsOf(tableOf(sectionOf(page, 'Instances'), 'parameter', 'meaning'));
    const named = listed.map((parameter) => /^\?(\w+)=/.exec(parameter)?.[1]);
    expect(new Set(named)).toEqual(new Set(Object.keys(InstanceQuery.shape)));
  });

  it('lists every field of the status', () => {
    const listed = wordsOf(tableOf(sectionOf(page, 'Status'), 'field', 'meaning'));
    expect(new Set(listed)).toEqual(new Set(Object.keys(StatusView.unwrap().shape)));
  });
});

describe.each(DOCUMENTS)('%s', (file) => {
  it('names only routes that exist', () => {
    const named = codeLinesOf(read(file)).flatMap(
      (line) => /^((?:GET|POST|PUT|DELETE) \/[^\s?]*)$/.exec(line)?.[1] ?? [],
    );
    expect(named.filter((route) => !routes.includes(route) && !route.includes(' /_sim/'))).toEqual([]);
  });
});
