import { describe, expect, it } from 'vitest';
import { paintFor, printableJson, renderTable, withinColumns } from './terminal.ts';

const HOSTILE = 'a\u{1b}[31mb\u{9b}2Jc\u{202e}d\u{200b}e\u{e0041}f\ng\u{2028}h';

describe('a terminal', () => {
  it('is shown no cell that steers it or hides something', () => {
    expect(renderTable(['NAME', 'X'], [[HOSTILE, 'y']])).toBe('NAME        X\nabcdef g h  y\n');
  });

  it('is shown JSON with all of that as escapes, so that programs read what there is', () => {
    const text = printableJson({ [HOSTILE]: HOSTILE }, 2);
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u{2028}]/u);
    expect(JSON.parse(text)).toEqual({ [HOSTILE]: HOSTILE });
  });

  it.each([
    ['reception', 9, 'reception'],
    ['reception', 8, 'recepti…'],
    ['日本語の店', 10, '日本語の店'],
    ['日本語の店', 9, '日本語の…'],
    ['日本語の店', 8, '日本語…'],
    ['Loja 😀 1', 7, 'Loja …'],
    ['Loja 😀 1', 8, 'Loja 😀…'],
    ['Loja 😀 1', 9, 'Loja 😀 1'],
    ['Recepção', 8, 'Recepção'],
    ['Recepc\u0327a\u0303o', 8, 'Recepc\u0327a\u0303o'],
    ['مكتب المبيعات', 6, 'مكتب …'],
    ['日', 1, '…'],
    ['日', 0, ''],
  ])('is shown %s within %i columns', (line, columns, shown) => {
    expect(withinColumns(line, columns)).toBe(shown);
  });

  it.each([
    ['a terminal', {}, true, true],
    ['a file or a pipe', {}, false, false],
    ['a program of CI', { CI: 'true' }, false, false],
    ['a terminal without colours', { TERM: 'dumb' }, true, false],
    ['a terminal of somebody who wants none', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['a pipe to a program that shows them', { FORCE_COLOR: '1' }, false, true],
    ['a terminal to which they are forbidden', { FORCE_COLOR: '0' }, true, false],
  ])('paints for %s as it should', (_, env, isTerminal, isPainted) => {
    expect(paintFor(env, isTerminal).red('lost') !== 'lost').toBe(isPainted);
  });
});
