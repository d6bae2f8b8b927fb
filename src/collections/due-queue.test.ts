import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueQueue, type Due } from './due-queue.ts';

describe('the queue of due times', () => {
  it('always gives what is due first, whatever was added, moved and removed', () => {
    const command = fc.tuple(fc.constantFrom('put', 'remove', 'take'), fc.nat(9), fc.nat(100));
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const queue = new DueQueue<Due>();
        const items: Due[] = Array.from({ length: 10 }, () => ({ dueAt: 0, queueIndex: -1 }));
        const model = new Map<Due, number>();
        for (const [what, index, at] of commands) {
          const item = items[index]!;
          if (what === 'put') {
            queue.put(item, at);
            model.set(item, at);
          } else if (what === 'remove') {
            queue.remove(item);
            model.delete(item);
          } else {
            const first = Math.min(...model.values());
            const taken = queue.takeDue(at);
            if (first > at) expect(taken).toBeUndefined();
            else expect(model.get(taken!)).toBe(first);
            if (taken !== undefined) model.delete(taken);
          }
          expect(queue.peek()?.dueAt ?? Infinity).toBe(Math.min(...model.values()));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
