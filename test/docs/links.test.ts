import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, codeLinesOf, DOCUMENTS, linksOf, read, ROOT, spansOf, tableOf, wordsOf } from './markdown.ts';

describe.each(DOCUMENTS)('%s', (file) => {
  const text = read(file);

  it('links only to pages and headings that exist', () => {
    const broken = linksOf(text).filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      if (target.startsWith('..') || !existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('has no two headings with one anchor', () => {
    const anchors = anchorsOf(text);
    expect(anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index)).toEqual([]);
  });

  it('names only files that exist', () => {
    const path = /^(src|test|scripts|scenarios|bench|deploy|docs|\.ci|\.github)\/[\w./-]*$/;
    expect(spansOf(text).filter((span) => path.test(span) && !existsSync(join(ROOT, span)))).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    const called = codeLinesOf(text).flatMap((line) => /^npm (?:run )?(?:-s )?([a-z][a-z:-]*)/.exec(line)?.[1] ?? []);
    const ofNpm = ['ci', 'install', 'run', 'pack', 'publish', 'version', 'audit', 'prune'];
    expect(called.filter((name) => !scripts.includes(name) && !ofNpm.includes(name))).toEqual([]);
  });
});

describe('the pages in docs/', () => {
  const pages = DOCUMENTS.filter((file) => file.startsWith('docs/'));

  it.each(['README.md', 'README.pt-BR.md'])('are all in the table of %s', (file) => {
    expect(pages.filter((page) => !linksOf(read(file)).includes(page))).toEqual([]);
  });

  it('are the ones that a stranger looks for', () => {
    const names = ['concepts', 'configuration', 'operations', 'restart-from-outside', 'cli', 'http-api'];
    names.push(
      'scenarios',
      'notifications',
      'metrics',
      'deploy',
      'performance',
      'replicas',
      'scale',
      'troubleshooting',
      'gateways',
      'comparison',
    );
    expect(new Set(pages)).toEqual(new Set(names.map((name) => `docs/${name}.md`)));
  });
});

describe('ARCHITECTURE.md', () => {
  it('has a row for every folder of the sources', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const named = wordsOf(tableOf(read('ARCHITECTURE.md'), 'folder', 'what it is'));
    expect(folders.map(({ name }) => `src/${name}/`).filter((folder) => !named.includes(folder))).toEqual([]);
  });
});

describe('comments in files that users copy', () => {
  const files = [
    'config.example.yaml',
    'deploy/compose.yaml',
    'deploy/compose.stack.yaml',
    'deploy/watchdog/config.yaml',
    'deploy/kubernetes/base/kustomization.yaml',
    'deploy/systemd/smileapi-watchdog.service',
  ];

  it.each(files)('of %s name only pages and headings that exist', (file) => {
    const named = [...read(file).matchAll(/\b((?:docs|deploy)\/[\w-]+\.md|README\.md)(?:#([\w-]+))?/g)];
    const broken = named.filter(([, page = '', anchor]) => {
      if (!existsSync(join(ROOT, page))) return true;
      return anchor !== undefined && !anchorsOf(read(page)).includes(anchor);
    });
    expect(broken.map(([place]) => place)).toEqual([]);
  });
});
