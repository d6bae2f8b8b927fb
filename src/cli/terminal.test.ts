import { describe, expect, it } from 'vitest';
import { printableJson, renderTable } from './terminal.ts';

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
});
