import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { damagedBlock } from './table-framing.ts';

let folder: string;
let table: Buffer;

/** A table as LevelDB writes it, of many blocks: some packed, some not. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchdog-table-'));
  const database = new ClassicLevel(folder);
  await database.open();
  for (let index = 0; index < 300; index += 1) {
    const noise = Array.from({ length: 40 }, (_, place) => String((index * 7919 + place * 104_729) % 9973)).join('');
    await database.put(`acme/55119${String(index).padStart(8, '0')}`, index % 2 === 0 ? noise : 'x'.repeat(200));
  }
  // Opening it again makes a table of the log.
  await database.close();
  await database.open();
  await database.close();
  const name = (await readdir(folder)).find((each) => each.endsWith('.ldb')) ?? '';
  table = await readFile(join(folder, name));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Bit by bit, and so by another way than the code under test. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit += 1) {
      const carry = (crc ^ (byte >>> bit)) & 1;
      crc = (crc >>> 1) ^ (carry === 1 ? 0x82f63b78 : 0);
    }
  }
  return ~crc >>> 0;
}

/** A block with its trailer. */
function sealed(contents: Buffer): Buffer {
  const block = Buffer.concat([contents, Buffer.alloc(5)]);
  const crc = crc32c(block.subarray(0, -4));
  block.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, block.length - 4);
  return block;
}

/** Of at least two small blocks. */
function tableOf(blocks: readonly Buffer[]): Buffer {
  const data = Buffer.concat(blocks);
  const [index, beside] = [blocks.at(-1)!, blocks.at(-2)!];
  const indexAt = data.length - index.length;
  const places = [indexAt - beside.length, beside.length - 5, indexAt, index.length - 5];
  return Buffer.concat([data, Buffer.from([...places, ...Buffer.alloc(36)]), table.subarray(-8)]);
}

describe('a table of LevelDB', () => {
  it('is sound as it was written', () => {
    expect(table.length).toBeGreaterThan(8_000);
    expect(damagedBlock(table)).toBeNull();
  });

  it('is damaged wherever one bit of it is another', () => {
    // The last eight bytes are the mark that it was finished.
    const places = Array.from({ length: table.length - 8 }, (_, place) => place);
    const isLast = (place: number): boolean => place >= table.length - 48;
    for (const place of places.filter((each) => each % 101 === 0 || isLast(each))) {
      const flipped = Buffer.from(table);
      flipped[place] = (flipped[place] ?? 0) ^ (1 << (place % 8));
      const found = damagedBlock(flipped);
      expect(found, `byte ${place}`).not.toBeNull();
      expect(found).toBeLessThanOrEqual(place);
    }
  });

  it('is sound, too, where a block holds what looks like the end of one', () => {
    const inner = sealed(Buffer.from('some records'));
    const blocks = [sealed(Buffer.concat([inner, Buffer.from('and more')])), sealed(Buffer.alloc(8)), sealed(inner)];
    expect(damagedBlock(tableOf(blocks))).toBeNull();
    const places = tableOf(blocks).length - 8;
    for (let place = 0; place < places; place += 1) {
      const flipped = tableOf(blocks);
      flipped[place] = (flipped[place] ?? 0) ^ 1;
      expect(damagedBlock(flipped), `byte ${place}`).not.toBeNull();
    }
  });

  it('that is unfinished is for LevelDB to judge', () => {
    for (const length of [0, 7, 48, 1_000, table.length - 1]) {
      expect(damagedBlock(table.subarray(0, length))).toBeNull();
    }
  });

  it('that lacks a part in the middle is damaged', () => {
    expect(damagedBlock(Buffer.concat([table.subarray(0, 500), table.subarray(900)]))).not.toBeNull();
    expect(damagedBlock(table.subarray(-48))).not.toBeNull();
  });
});
