/** Sizes of LevelDB's log format (doc/log_format.md of LevelDB 1.20): blocks of records, each after a header. */
const BLOCK = 32_768;
const HEADER = 7;
/** Offsets in a header of the length (2 bytes, little-endian) and the type, after the checksum. */
const LENGTH_AT = 4;
const TYPE_AT = 6;
/** FULL, FIRST, MIDDLE and LAST are 1 to 4. */
const LAST_TYPE = 4;

/**
 * Finds the first header in a LevelDB log that no writer can have written: of an unknown type, or of a record that
 * would cross the end of its block, which records never do. LevelDB takes any length that leads past the end of the
 * file for a write that was cut off, and drops everything after it without an error; this distinguishes garbage.
 *
 * @returns Offset of that header in bytes, or null when all are possible. LevelDB itself verifies the checksums.
 */
export function impossibleHeader(log: Buffer): number | null {
  let offset = 0;
  while (offset + HEADER <= log.length) {
    const room = BLOCK - (offset % BLOCK);
    const header = log.subarray(offset, offset + HEADER);
    if (room < HEADER || header.every((byte) => byte === 0)) {
      // The trailer of a block, or space that a file system filled with zeros after a power cut: LevelDB skips both.
      offset += room;
      continue;
    }
    const length = header.readUInt16LE(LENGTH_AT);
    const type = header.readUInt8(TYPE_AT);
    if (type === 0 || type > LAST_TYPE || HEADER + length > room) return offset;
    offset += HEADER + length;
  }
  return null;
}
