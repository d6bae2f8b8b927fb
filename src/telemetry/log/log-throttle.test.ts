import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../core/time.ts';
import { LogThrottle } from './log-throttle.ts';

const notSaved = { type: 'state_not_saved', reason: 'no space left' } as const;

describe('the lines about states that cannot be saved', () => {
  it('are one per account and minute, however many instances it affects, and count the others', () => {
    const lines = new LogThrottle();
    const written = [];
    for (let second = 0; second < 150; second += 1) {
      for (let instance = 0; instance < 100; instance += 1) {
        const about = { at: second * SECOND, name: `n${instance}`, account: 'acme', restartGivenUp: false };
        const line = lines.lineOf({ ...about, ...notSaved });
        if (line !== null) written.push(line);
      }
    }
    expect(written.map(({ fields }) => fields['others'] ?? 0)).toEqual([0, 5_999, 5_999]);
    expect(written[1]?.msg).toContain('5999 more like this');
  });

  it('are separate for restarts that were not made, for other accounts and for the end', () => {
    const lines = new LogThrottle();
    const about = { at: 0, name: 'n1', account: 'acme' };
    expect(lines.lineOf({ ...about, ...notSaved, restartGivenUp: false })).not.toBeNull();
    expect(lines.lineOf({ ...about, ...notSaved, restartGivenUp: true })?.msg).toContain('Its restart was not made');
    expect(lines.lineOf({ ...about, account: 'beta', ...notSaved, restartGivenUp: false })).not.toBeNull();
    expect(lines.lineOf({ ...about, type: 'state_saved_again' })).toMatchObject({ level: 'info' });
    expect(lines.lineOf({ ...about, type: 'state_saved_again' })).toBeNull();
    expect(lines.lineOf({ ...about, at: MINUTE, type: 'state_saved_again' })?.fields).toMatchObject({ others: 1 });
  });
});
