import { execFileSync } from 'node:child_process';
import fs, { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { fingerprintOf } from '../reload/fingerprint.ts';
import { InputReader } from './input-reader.ts';
import { digestOf } from './read-file.ts';

const broken = { folder: '', code: '' };

beforeEach(() => {
  const { readdir } = fs;
  const odd = (path: string, options: { withFileTypes: true }, done: (error: unknown, entries?: unknown[]) => void) => {
    const isBroken = path.replace(/\/$/, '') === broken.folder;
    if (isBroken && broken.code === 'many') done(null, new Array<unknown>(100_001).fill(new fs.Dirent()));
    else if (isBroken) done(Object.assign(new Error(), { code: broken.code }));
    else readdir(path, options, done);
  };
  vi.spyOn(fs, 'readdir').mockImplementation(odd as typeof fs.readdir);
});

afterEach(() => vi.restoreAllMocks());

/** A file of its own folder that was made so. */
function made(make: (file: string) => void): string {
  const file = join(temporaryFolder(), 'file');
  make(file);
  return file;
}

describe('a file', () => {
  it.each<[string, (file: string) => void, object]>([
    ['is text', (file) => writeFileSync(file, 'São Paulo\r\n'), { text: 'São Paulo\r\n' }],
    ['loses its byte order mark', (file) => writeFileSync(file, '\uFEFFa: 1'), { text: 'a: 1' }],
    [
      'of UTF-16 is none',
      (file) => writeFileSync(file, '\uFEFFa: 1', 'utf16le'),
      { mistake: 'is UTF-16', remedy: 'Save it as UTF-8, without anything that is not text.' },
    ],
    ['of UTF-16 without a mark is none', (file) => writeFileSync(file, 'a', 'utf16le'), mistake(/NUL characters/)],
    ['of Latin-1 is none', (file) => writeFileSync(file, 'São', 'latin1'), mistake(/is not UTF-8 text/)],
    ['may be missing', () => undefined, mistake(/no such file/)],
    ['may be a folder', (file) => mkdirSync(file), mistake(/it is a folder/)],
    ['may be a link to nowhere', (file) => symlinkSync('nowhere', file), mistake(/no such file/)],
    ['may be a link to itself', (file) => symlinkSync('file', file), mistake(/in a circle/)],
    ['may be a pipe, which is not waited for', (file) => execFileSync('mkfifo', [file]), mistake(/a pipe, a device/)],
    ['may be a device, which has no end', (file) => symlinkSync('/dev/zero', file), mistake(/a pipe, a device/)],
    [
      'may be too long',
      (file) => {
        writeFileSync(file, '');
        truncateSync(file, 65 * 1024 * 1024);
      },
      mistake(/longer than 64 MiB/),
    ],
  ])('%s', async (_, make, expected) => {
    const file = made(make);
    const reader = new InputReader();
    expect(await reader.text(file)).toMatchObject(expected);
    expect(reader.fingerprint).toBe(await fingerprintOf({ files: [file], includes: [] }));
    expect(await digestOf(file)).toMatch(/^\S+$/);
  });
});

it('that is named many times is read once, and counts once towards the limit of all', async () => {
  const [first, second, third] = ['a', 'b', 'c'].map((letter) =>
    made((file) => writeFileSync(file, letter.repeat(500))),
  );
  const reader = new InputReader(1024);
  for (const file of [first!, first!, first!, second!]) expect(await reader.text(file)).toHaveProperty('text');
  expect(await reader.text(third!)).toEqual(mistake(/all files together may have/));
});

function mistake(words: RegExp): object {
  return { mistake: expect.stringMatching(words) as unknown };
}

describe('a pattern', () => {
  it('matches files, links also where they lead nowhere, and what is no file, so that reading it says what is wrong', async () => {
    const folder = dirname(made((file) => writeFileSync(file, '')));
    for (const name of ['b.csv', 'a.csv', 'a.txt']) writeFileSync(join(folder, name), '');
    symlinkSync('nowhere', join(folder, 'c.csv'));
    execFileSync('mkfifo', [join(folder, 'd.csv')]);
    mkdirSync(join(folder, 'e.csv'));
    const names = ['a.csv', 'b.csv', 'c.csv', 'd.csv'].map((name) => join(folder, name));
    expect(await new InputReader().matches(folder, '*.csv')).toEqual({ names, noFolder: false });
    expect(await new InputReader().matches(folder, 'none.d/*.csv')).toEqual({ names: [], noFolder: true });
    expect(await new InputReader().matches(folder, '*.yaml')).toEqual({ names: [], noFolder: false });
  });

  it.each([
    ['EACCES', /permission denied/],
    ['ESTALE', /network file system/],
    ['EIO', /EIO/],
  ])('over a folder that cannot be read (%s) is a mistake, and not empty', async (code, words) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'fleet.d', 'sub'), { recursive: true });
    Object.assign(broken, { folder: join(folder, 'fleet.d', 'sub'), code });
    expect(await new InputReader().matches(folder, 'fleet.d/**/*.csv')).toMatchObject(mistake(words));
    // What the pattern does not lead to may stay closed.
    expect(await new InputReader().matches(folder, 'fleet.d/*.csv')).toMatchObject({ names: [] });
  });

  it('does not search a whole disk', async () => {
    const folder = temporaryFolder();
    Object.assign(broken, { folder, code: 'many' });
    expect(await new InputReader().matches(folder, '*.csv')).toMatchObject(mistake(/searches more than 100000 files/));
  });
});
