/** Sizes of LevelDB's table format (table/format.h of LevelDB 1.20): blocks with a trailer each, then the footer. */
const FOOTER = 48;
/** One byte for the compression of the block, and its checksum. */
const TRAILER = 5;
/** The two compressions: none and Snappy. */
const LAST_COMPRESSION = 1;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
/** Added to a rotated checksum when it is stored (util/crc32c.h), so that checksums of data with checksums differ. */
const MASK_DELTA = 0xa282ead8;

interface Block {
  readonly offset: number;
  /** Without the trailer. */
  readonly size: number;
}

/**
 * Finds the first place in a LevelDB table that is not as it was written. LevelDB ignores the checksums when it opens
 * and reads a table, and classic-level has no option to change that. One flipped bit can put states under other keys,
 * bring back older ones, or end the whole process by an assertion.
 *
 * Blocks follow each other, and the checksum shows where one ends, so no index has to be trusted. A table without the
 * mark at its end was not finished before a crash; LevelDB deletes it or reports it by itself.
 *
 * @returns Offset in bytes, or null when the table is sound or unfinished.
 */
export function damagedBlock(table: Buffer): number | null {
  const end = table.length - FOOTER;
  if (end < 0 || !table.subarray(-MAGIC.length).equals(MAGIC)) return null;
  const blocks: Block[] = [];
  for (let offset = 0; offset < end; offset = endOf(blocks)) {
    const block = blockAt(table, offset, 0) ?? mergedWithLast(table, blocks);
    if (block === null) return offset;
    blocks.push(block);
  }
  return table.subarray(end).equals(footerOf(blocks.slice(-2))) ? null : end;
}

/** Once in billions, four bytes within a block match as its checksum by chance: then the block ends further on. */
function mergedWithLast(table: Buffer, blocks: Block[]): Block | null {
  const last = blocks.pop();
  return last === undefined ? null : blockAt(table, last.offset, last.size + 1);
}

function endOf(blocks: readonly Block[]): number {
  const last = blocks.at(-1);
  return last === undefined ? 0 : last.offset + last.size + TRAILER;
}

/** The shortest block at `offset` with a matching checksum, of at least `leastSize` bytes. */
function blockAt(table: Buffer, offset: number, leastSize: number): Block | null {
  const lastTrailer = table.length - FOOTER - TRAILER;
  let crc = 0xffffffff;
  for (let at = offset; at <= lastTrailer; at += 1) {
    const byte = table[at] ?? 0;
    crc = (CRC_32C[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
    // The checksum covers the byte in front of it.
    if (byte > LAST_COMPRESSION || at - offset < leastSize) continue;
    if (masked(~crc) === table.readUInt32LE(at + 1)) return { offset, size: at - offset };
  }
  return null;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

/** The footer names the last two blocks: the one with metadata, and the index. */
function footerOf(lastTwo: readonly Block[]): Buffer {
  const places = Buffer.from(lastTwo.flatMap(({ offset, size }) => [...varint(offset), ...varint(size)]));
  return Buffer.concat([places, Buffer.alloc(FOOTER - MAGIC.length - places.length), MAGIC]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
}

/** CRC-32C (Castagnoli), reflected, by bytes. Node.js has only the other CRC-32. */
const CRC_32C = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});
