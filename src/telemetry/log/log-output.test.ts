import { describe, expect, it } from 'vitest';
import { SECOND } from '../../core/time.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import { LogOutput } from './log-output.ts';

/** What the file does with one write: takes so many bytes, or fails so; `hangs`: it never answers. */
type Turn = number | string;

/** An output over a file that takes everything, after it has done what `turns` say. */
function outputOver(...turns: Turn[]) {
  const clock = new SimulatedClock();
  const seen = { text: '', attempts: 0, dropped: 0, reports: [] as [number, string][], exit: (): void => undefined };
  const take = (bytes: Buffer): number => {
    seen.attempts += 1;
    const turn = turns.shift() ?? bytes.length;
    if (typeof turn === 'string') throw Object.assign(new Error(turn), { code: turn });
    seen.text += bytes.subarray(0, turn).toString();
    return Math.min(turn, bytes.length);
  };
  const output = new LogOutput({
    clock,
    file: {
      write(bytes, done) {
        if (turns[0] === 'hangs') return;
        try {
          done(null, take(bytes));
        } catch (error) {
          done(error as Error, 0);
        }
      },
      writeNow: take,
      beforeExit: (callback) => (seen.exit = callback),
    },
    onDropped: (lines) => (seen.dropped += lines),
    onWritable: (lost, reason) => seen.reports.push([lost, reason]),
  });
  return { clock, output, seen, turns };
}

describe('the output of the log', () => {
  it('writes whole lines in their order, however little is taken at a time', async () => {
    const { clock, output, seen } = outputOver(1, 2, 0, 3);
    output.write('first\n');
    output.write('second\n');
    await clock.run(SECOND);
    expect(seen).toMatchObject({ text: 'first\nsecond\n', dropped: 0, reports: [] });
  });

  it.each(['ENOSPC', 'EPIPE', 'EIO', 'EBADF', 'EDQUOT'])(
    'drops and counts what cannot be written (%s), tries each further line, and says what is missing',
    async (code) => {
      const { clock, output, seen } = outputOver(code, code);
      output.write('first\n');
      output.write('second\n');
      expect(seen).toMatchObject({ text: '', dropped: 2, attempts: 2, reports: [] });
      output.write('third\n');
      await clock.run(SECOND);
      expect(seen).toMatchObject({ text: 'third\n', dropped: 2, reports: [[2, code]] });
    },
  );

  it('begins a new line after one that was cut off, which counts as lost', () => {
    const { output, seen } = outputOver(3, 'ENOSPC');
    output.write('first\n');
    output.write('second\n');
    expect(seen).toMatchObject({ text: 'fir\nsecond\n', dropped: 1 });
  });

  it('keeps what a stalled reader does not take, up to a limit, and hands it over when it reads again', async () => {
    const { clock, output, seen, turns } = outputOver(...Array.from({ length: 1000 }, () => 'EAGAIN'));
    const line = `${'x'.repeat(1023)}\n`;
    for (let count = 0; count < 5000; count += 1) output.write(line);
    await clock.run(10 * SECOND);
    expect(seen.attempts).toBeLessThan(200);
    expect(seen.dropped).toBeGreaterThan(800);
    turns.length = 0;
    await clock.run(SECOND);
    expect(seen.text).toBe(line.repeat(5000 - seen.dropped));
    expect(seen.reports).toEqual([[seen.dropped, expect.stringContaining('stopped reading')]]);
  });

  it('is flushed when all is written, and gives a stalled reader up after a time', async () => {
    const { clock, output, turns } = outputOver('EAGAIN', ...Array.from({ length: 1000 }, () => 'EAGAIN'));
    await output.flush(SECOND);
    output.write('first\n');
    const ends: number[] = [];
    const began = clock.now();
    const flushed = (): unknown => ends.push(clock.now() - began);
    void output.flush(2 * SECOND).then(flushed);
    await clock.run(3 * SECOND);
    turns.length = 0;
    output.write('second\n');
    void output.flush(2 * SECOND).then(flushed);
    await clock.run(SECOND);
    expect(ends).toEqual([2 * SECOND, expect.closeTo(3 * SECOND, -3)]);
  });

  it.each([
    ['writes the rest when the process exits', 'hangs', 0, 'second\n'],
    ['does not wait for a reader when the process exits', 'EAGAIN', 0, ''],
    ['does not try again what hangs when the process exits', 'hangs', 2 * SECOND, ''],
  ])('%s', async (_, turn, later, written) => {
    const { clock, output, seen, turns } = outputOver(turn);
    output.write('first\n');
    output.write('second\n');
    await clock.run(later);
    if (turn === 'hangs') turns.length = 0;
    else turns.push(...['EAGAIN', 'EAGAIN']);
    seen.exit();
    expect(seen.text).toBe(written);
  });
});
