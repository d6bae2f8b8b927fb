import { crc32 } from 'node:zlib';
import { SECOND } from '../core/time.ts';
import type { Cause } from '../core/verdict.ts';
import { PROBE_HISTORY, type PastProbe } from '../runtime/fleet/probe-history.ts';
import { recorded, type Bucket } from './bucket.ts';
import {
  DAYS_KEPT,
  hourEnding,
  HOURS_KEPT,
  HOURS_OF_DAY,
  NO_HISTORY,
  SECONDS_OF_HOUR,
  type InstanceHistory,
} from './instance-history.ts';
import { PackedReader, PackedWriter } from './packed-bits.ts';

/** The version of the packed form. A later one must still be able to read this one, and those before it. */
const VERSION = 2;
/**
 * With its key, a record stays below 1.5 KiB. An instance with every trouble on every day keeps some probes less for
 * that, and one that was also watched only for a part of each day some of the oldest days.
 */
const LONGEST_RECORD = 1_450;
const CHECKSUM_BYTES = 4;
const PROBE_BITS = 6 + 12 + 1 + 12;
/** A gap between probes is kept in tenths of a second. */
const GAP_UNIT = SECOND / 10;
const DAY_SECONDS = 24 * SECONDS_OF_HOUR;

/** Numbers that stand for causes in stored records: never change one, and never give one twice. */
const CODES: Readonly<Record<Cause, number>> = {
  connected: 0,
  responding: 1,
  disconnected: 2,
  timeout: 3,
  refused: 4,
  reset: 5,
  dns: 6,
  tls: 7,
  server_error: 8,
  stuck_connecting: 9,
  conflict: 10,
  stopped: 11,
  connecting: 12,
  unauthorized: 13,
  not_found: 14,
  pairing_required: 15,
  banned: 16,
  restart_unsupported: 17,
  rate_limited: 18,
  unknown_state: 19,
  unreadable: 20,
  not_the_gateway: 21,
  own_network: 22,
  stalled: 23,
  aborted: 24,
  silent: 25,
};
const CAUSE_BY_CODE = new Map<number, Cause>(
  Object.entries(CODES).map(([cause, code]): [number, Cause] => [code, cause as Cause]),
);

/**
 * The stored form: a CRC-32, the version, and the numbers packed to as few bits as they need: two bytes for an hour or a
 * day without trouble, at most twelve for one with every trouble at once.
 */
export function encodeHistory(history: InstanceHistory): Uint8Array {
  const { until, left, hours, open, days, lastDay, probes } = history;
  const writer = new PackedWriter(2 * LONGEST_RECORD);
  writer.bits(VERSION, 8);
  writer.bits(until, 32);
  writer.flag(left);
  writer.bits(hours.length, 5);
  writer.bits(days.length, 7);
  writer.bits(open, 5);
  writer.bits(lastDay, 16);
  for (const hour of hours) writeBucket(writer, hour, SECONDS_OF_HOUR);
  for (const day of days) writeBucket(writer, day, DAY_SECONDS);
  const roomBits = (LONGEST_RECORD - CHECKSUM_BYTES) * 8 - writer.length - 6 - 40;
  if (roomBits < 0) return encodeHistory({ ...history, days: days.slice(7) });
  const room = Math.floor(roomBits / PROBE_BITS);
  writeProbes(writer, probes.slice(-Math.max(0, Math.min(room, PROBE_HISTORY))));
  const packed = writer.finish();
  const bytes = new Uint8Array(CHECKSUM_BYTES + packed.length);
  new DataView(bytes.buffer).setUint32(0, crc32(packed));
  bytes.set(packed, CHECKSUM_BYTES);
  return bytes;
}

/** Reads what {@link encodeHistory} wrote, trusting none of it; null: it is damaged, or of a newer version. */
export function decodeHistory(bytes: Uint8Array): InstanceHistory | null {
  if (bytes.length <= CHECKSUM_BYTES) return null;
  const packed = bytes.subarray(CHECKSUM_BYTES);
  if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== crc32(packed)) return null;
  const reader = new PackedReader(packed);
  const version = reader.bits(8);
  if (version < 1 || version > VERSION) return null;
  const until = reader.bits(32);
  const left = reader.flag();
  const [hours, days] = [reader.bits(5), reader.bits(7)];
  if (hours > HOURS_KEPT || days >= DAYS_KEPT) return null;
  const { open, lastDay } = version === 1 ? openOfUtc(until, days) : { open: reader.bits(5), lastDay: reader.bits(16) };
  return {
    until,
    left,
    open: Math.min(open, hours),
    lastDay,
    hours: Array.from({ length: hours }, () => readBucket(reader, SECONDS_OF_HOUR)),
    days: Array.from({ length: days }, () => readBucket(reader, DAY_SECONDS)),
    probes: readProbes(reader),
  };
}

/** Version 1 had days of UTC only. */
function openOfUtc(until: number, days: number): Pick<InstanceHistory, 'open' | 'lastDay'> {
  const hour = hourEnding(until);
  return { open: (hour % HOURS_OF_DAY) + 1, lastDay: days === 0 ? 0 : Math.floor(hour / HOURS_OF_DAY) - 1 };
}

/** The same for what the store has under a key. */
export function historyOf(bytes: Uint8Array | null | undefined): InstanceHistory {
  return (bytes && decodeHistory(bytes)) ?? NO_HISTORY;
}

function writeBucket(writer: PackedWriter, bucket: Bucket, whole: number): void {
  const { healthy, failing, needsHuman, unknown, paused, restarts, healings, healSeconds, latency } = bucket;
  // Nearly always all of it is recorded, and the healthy part is what the others leave.
  const isWhole = recorded(bucket) === whole;
  writer.flag(isWhole);
  if (!isWhole) writeLength(writer, healthy, whole);
  for (const length of [failing, needsHuman, unknown, paused]) writeLength(writer, length, whole);
  writeCount(writer, restarts);
  writeCount(writer, healings);
  if (healings > 0) writer.float(healSeconds);
  writer.flag(latency !== null);
  if (latency !== null) writer.float(latency);
}

function readBucket(reader: PackedReader, whole: number): Bucket {
  const healthy = reader.flag() ? null : readLength(reader, whole);
  const failing = readLength(reader, whole);
  const needsHuman = readLength(reader, whole);
  const unknown = readLength(reader, whole);
  const paused = readLength(reader, whole);
  const restarts = readCount(reader);
  const healings = readCount(reader);
  const healSeconds = healings > 0 ? reader.float() : 0;
  const latency = reader.flag() ? reader.float() : null;
  return {
    healthy: healthy ?? Math.max(0, whole - failing - needsHuman - unknown - paused),
    ...{ failing, needsHuman, unknown, paused, restarts, healings, healSeconds, latency },
  };
}

/** The seconds of an hour are exact; those of a day are rounded as it ends. */
function writeLength(writer: PackedWriter, seconds: number, whole: number): void {
  writer.flag(seconds > 0);
  if (seconds <= 0) return;
  if (whole === SECONDS_OF_HOUR) writer.bits(seconds, 12);
  else writer.float(seconds);
}

function readLength(reader: PackedReader, whole: number): number {
  if (!reader.flag()) return 0;
  return whole === SECONDS_OF_HOUR ? reader.bits(12) : reader.float();
}

function writeCount(writer: PackedWriter, count: number): void {
  writer.flag(count > 0);
  if (count > 0) writer.bits(count, 6);
}

function readCount(reader: PackedReader): number {
  return reader.flag() ? reader.bits(6) : 0;
}

function writeProbes(writer: PackedWriter, probes: readonly PastProbe[]): void {
  writer.bits(probes.length, 6);
  const newest = probes.at(-1);
  if (newest === undefined) return;
  writer.bits(newest.at / GAP_UNIT, 40);
  let gapBefore = -1;
  for (let index = probes.length - 1; index >= 0; index -= 1) {
    const probe = probes[index] ?? newest;
    const before = probes[index - 1] ?? probe;
    const gap = Math.round((probe.at - before.at) / GAP_UNIT);
    writer.bits(CODES[probe.cause], 6);
    writer.float(probe.seconds * SECOND);
    writer.flag(gap === gapBefore);
    if (gap !== gapBefore) writer.float(gap);
    gapBefore = gap;
  }
}

function readProbes(reader: PackedReader): readonly PastProbe[] {
  const count = reader.bits(6);
  if (count === 0) return [];
  const probes: PastProbe[] = [];
  let at = reader.bits(40) * GAP_UNIT;
  let gap = 0;
  for (let index = 0; index < count; index += 1) {
    const cause = CAUSE_BY_CODE.get(reader.bits(6));
    const seconds = reader.float() / SECOND;
    if (!reader.flag()) gap = reader.float();
    if (cause !== undefined) probes.push({ at, cause, seconds });
    at -= gap * GAP_UNIT;
  }
  return probes.reverse();
}
