import { nextFire, type ParsedCron } from '../core/schedule/cron.ts';
import { HOUR, SECOND, type DurationMs, type EpochMs } from '../core/time.ts';

/** Offsets change only on quarter hours, so one look-up serves a quarter of an hour. */
const OFFSET_STEP: DurationMs = 15 * 60 * SECOND;
const REMEMBERED_OFFSETS = 512;

/**
 * Finds when cron expressions fire. Instances that share an expression share one result, so a fleet costs as much as
 * one instance. (node-cron parses the expressions. Its own tasks run on the real clock only and take one timer each;
 * ten thousand of them stall the process for seconds.)
 */
export class Calendar {
  private readonly formats = new Map<string, Intl.DateTimeFormat>();
  private readonly offsets = new Map<string, DurationMs>();
  private readonly answers = new Map<string, { readonly after: EpochMs; readonly fire: EpochMs }>();

  /** The first time after `after` at which `cron` fires; null if it never does. */
  nextFire(cron: ParsedCron, after: EpochMs): EpochMs | null {
    const key = `${cron.timezone} ${cron.expression}`;
    const known = this.answers.get(key);
    if (known !== undefined && known.after <= after && after < known.fire) return known.fire;
    const fire = nextFire(cron, after, (timezone, at) => this.offset(timezone, at));
    if (fire !== null) this.answers.set(key, { after, fire });
    return fire;
  }

  private offset(timezone: string, at: EpochMs): DurationMs {
    if (timezone === 'UTC') return 0;
    const step = Math.floor(at / OFFSET_STEP);
    const key = `${timezone} ${step}`;
    const known = this.offsets.get(key);
    if (known !== undefined) return known;
    if (this.offsets.size >= REMEMBERED_OFFSETS) this.offsets.clear();
    const offset = this.lookUp(timezone, step * OFFSET_STEP);
    this.offsets.set(key, offset);
    return offset;
  }

  private lookUp(timezone: string, at: EpochMs): DurationMs {
    const known = this.formats.get(timezone);
    const format = known ?? new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
    this.formats.set(timezone, format);
    const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
    return parseOffset(name);
  }
}

/** `GMT`, `GMT-03:00` or, for old local mean times, `GMT-03:06:28`. */
function parseOffset(name: string): DurationMs {
  const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(name);
  if (match === null) throw new Error(`cannot read the offset ${JSON.stringify(name)}`);
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match;
  const size = Number(hours) * HOUR + (Number(minutes) * 60 + Number(seconds)) * SECOND;
  return sign === '-' ? -size : size;
}
