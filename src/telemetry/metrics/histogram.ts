import { sampleName } from './exposition.ts';

/**
 * Counts values by size. Prom-client's own histogram looks its series up by the text of its labels for every value,
 * which costs a good part of a probe; this one is two additions.
 */
export class Histogram {
  private readonly bounds: readonly number[];
  /** Counts by the first bound that a value does not exceed; the last count is above all bounds. */
  private readonly counts: Float64Array;
  private sum = 0;

  /** @param bounds upper bounds of the buckets, included, smallest first */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    for (const bound of this.bounds) {
      if (value <= bound) break;
      bucket += 1;
    }
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }

  /** The lines of its series. @param labels as written between braces; may be empty */
  lines(name: string, labels: string): string {
    let text = '';
    let count = 0;
    for (const [index, ofBucket] of this.counts.entries()) {
      count += ofBucket;
      const le = `le="${this.bounds[index] ?? '+Inf'}"`;
      text += `${sampleName(`${name}_bucket`, labels === '' ? le : `${le},${labels}`)} ${count}\n`;
    }
    return `${text}${sampleName(`${name}_sum`, labels)} ${this.sum}\n${sampleName(`${name}_count`, labels)} ${count}\n`;
  }
}
