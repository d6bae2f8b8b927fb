/** Largest number that {@link PackedWriter.float} keeps. */
const LARGEST_FLOAT = 511 * 2 ** 14;

/** A whole number from 0 as 12 bits: exact below 512, and within 0.2 % above; larger ones count as the largest. */
export function toFloat12(value: number): number {
  let mantissa = Math.min(LARGEST_FLOAT, Math.max(0, Math.round(value)));
  if (mantissa < 512) return mantissa;
  const exponent = Math.floor(Math.log2(mantissa)) - 8;
  mantissa = Math.round(mantissa / 2 ** exponent);
  return mantissa === 512 ? (exponent + 1) * 256 + 256 : exponent * 256 + mantissa;
}

export function fromFloat12(code: number): number {
  if (code < 512) return code;
  const exponent = (code >> 8) - 1;
  return (code - exponent * 256) * 2 ** exponent;
}

/** Most bits that are handled at once: with seven that wait they fit into an integer of 32. */
const AT_ONCE = 24;

/** Writes numbers of a few bits each, one after the other. */
export class PackedWriter {
  private readonly bytes: Uint8Array;
  private size = 0;
  /** Bits that wait until there are eight. */
  private held = 0;
  private count = 0;

  /** @param size most bytes that will be written */
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  /** Bits written so far. */
  get length(): number {
    return this.size * 8 + this.count;
  }

  /** @param value a whole number from 0; one that needs more bits counts as the largest that fits */
  bits(value: number, width: number): void {
    const fitting = Math.min(Math.max(0, Math.round(value)), 2 ** width - 1);
    if (width > AT_ONCE) {
      this.bits(Math.floor(fitting / 2 ** AT_ONCE), width - AT_ONCE);
      this.bits(fitting % 2 ** AT_ONCE, AT_ONCE);
      return;
    }
    this.held = (this.held << width) | fitting;
    this.count += width;
    while (this.count >= 8) {
      this.count -= 8;
      this.bytes[this.size] = this.held >> this.count;
      this.size += 1;
      this.held &= (1 << this.count) - 1;
    }
  }

  flag(value: boolean): void {
    this.bits(value ? 1 : 0, 1);
  }

  /** 12 bits; see {@link toFloat12}. */
  float(value: number): void {
    this.bits(toFloat12(value), 12);
  }

  finish(): Uint8Array {
    if (this.count > 0) this.bits(0, 8 - this.count);
    return this.bytes.slice(0, this.size);
  }
}

/** Reads what {@link PackedWriter} wrote; beyond the end there are zeros. */
export class PackedReader {
  private readonly bytes: Uint8Array;
  private next = 0;
  private held = 0;
  private count = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  bits(width: number): number {
    if (width > AT_ONCE) return this.bits(width - AT_ONCE) * 2 ** AT_ONCE + this.bits(AT_ONCE);
    while (this.count < width) {
      this.held = (this.held << 8) | (this.bytes[this.next] ?? 0);
      this.next += 1;
      this.count += 8;
    }
    this.count -= width;
    const value = this.held >> this.count;
    this.held &= (1 << this.count) - 1;
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  float(): number {
    return fromFloat12(this.bits(12));
  }
}
