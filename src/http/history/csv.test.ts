import { describe, expect, it } from 'vitest';
import { csvOf } from './csv.ts';

describe('a table as CSV', () => {
  it.each([
    ['São Paulo', 'São Paulo'],
    ['Loja "Sul", 2', '"Loja ""Sul"", 2"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['=HYPERLINK("http://evil.example")', `"'=HYPERLINK(""http://evil.example"")"`],
    ['+5511', "'+5511"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['\n=1', '"\'\n=1"'],
    ['＝1', "'＝1"],
    [-1, '-1'],
    [null, ''],
  ])('has %j as %j, which no spreadsheet takes for a formula', (cell, text) => {
    expect(csvOf(['a', 'b'], [['x', cell]])).toBe(`a,b\r\nx,${text}\r\n`);
  });

  it('is made for spreadsheets of Brazil in Portuguese', () => {
    const rows = [
      ['São Luís; centro, 2', 0.5, -1],
      ['Recife', null, 3],
    ] as const;
    expect(csvOf(['a', 'b', 'c'], rows, 'pt-BR')).toBe(
      '\u{feff}a;b;c\r\n"São Luís; centro, 2";0,5;-1\r\nRecife;;3\r\n',
    );
  });

  it('has heads that are no formulas either', () => {
    expect(csvOf(['label:a,b', '=1'], [])).toBe('"label:a,b",\'=1\r\n');
  });
});
