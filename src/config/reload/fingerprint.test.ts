import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf, foldersOf } from './fingerprint.ts';
import type { ConfigInputs } from '../inputs.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';

let folder: string;
let inputs: ConfigInputs;
beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder, 'config.yaml'), 'a');
  mkdirSync(join(folder, 'fleet.d'));
  inputs = { files: [join(folder, 'config.yaml')], includes: [{ folder, pattern: 'fleet.d/*.yaml' }] };
});

describe('the fingerprint of what a config is read from', () => {
  it('stays the same while the contents do, whatever happens to the files', async () => {
    const before = await fingerprintOf(inputs);
    writeFileSync(join(folder, 'new'), 'a');
    renameSync(join(folder, 'new'), join(folder, 'config.yaml'));
    writeFileSync(join(folder, 'fleet.d', 'notes.txt'), 'not ours');
    expect(await fingerprintOf(inputs)).toBe(before);
  });

  it('changes with contents, with files that come and go, and with what a link leads to', async () => {
    const seen = [await fingerprintOf(inputs)];
    const look = async (): Promise<void> => void seen.push(await fingerprintOf(inputs));
    writeFileSync(join(folder, 'config.yaml'), 'b');
    await look();
    writeFileSync(join(folder, 'fleet.d', 'one.yaml'), '');
    await look();
    writeFileSync(join(folder, 'fleet.d', 'one.yaml'), 'x');
    await look();
    unlinkSync(join(folder, 'config.yaml'));
    await look();
    writeFileSync(join(folder, 'target'), 'c');
    symlinkSync('target', join(folder, 'config.yaml'));
    await look();
    writeFileSync(join(folder, 'target'), 'd');
    await look();
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('the folders to watch', () => {
  it('are those of files, of what they link to, and of patterns up to the first wildcard', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'elsewhere', 'token'), 't');
    symlinkSync(join('elsewhere', 'token'), join(folder, 'token'));
    const files = [...inputs.files, join(folder, 'token'), join(folder, 'gone', 'file')];
    const includes = [...inputs.includes, { folder, pattern: '/etc/**/x.yaml' }, { folder, pattern: '*.yml' }];
    const folders = await foldersOf({ files, includes });
    expect(new Set(folders)).toEqual(
      new Set([folder, join(folder, 'elsewhere'), join(folder, 'gone'), join(folder, 'fleet.d'), '/etc']),
    );
  });
});
