import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inScratch } from './state-folder.ts';

describe('scratch work in a state folder', () => {
  let path: string;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'watchdog-folder-'));
  });

  afterEach(async () => {
    await rm(path, { recursive: true, force: true });
  });

  it('leaves nothing behind, whether it succeeds or fails', async () => {
    await inScratch(path, (scratch) => writeFile(join(scratch, 'draft'), ''));
    const failing = inScratch(path, async (scratch) => {
      await writeFile(join(scratch, 'draft'), '');
      throw new Error('no good');
    });
    await expect(failing).rejects.toThrow('no good');
    expect(await readdir(path)).toEqual([]);
  });

  it('that another copy cleared away means that the other copy holds the lock', async () => {
    const overtaken = inScratch(path, async (scratch) => {
      await rm(scratch, { recursive: true });
      await writeFile(join(scratch, 'draft'), '');
    });
    await expect(overtaken).rejects.toMatchObject({ kind: 'locked' });
  });
});
