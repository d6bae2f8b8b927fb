import { expect, it } from 'vitest';
import { IntrusiveSet } from './intrusive-set.ts';

const member = (name: string) => ({ name, slotIndex: -1 });
const names = (set: IntrusiveSet<ReturnType<typeof member>>): string[] => [...set].map(({ name }) => name).sort();

it('holds every member that was added and not deleted', () => {
  const set = new IntrusiveSet<ReturnType<typeof member>>();
  const [first, second, third] = ['first', 'second', 'third'].map(member);
  for (const each of [first, second, third]) set.add(each!);
  set.add(first!);
  expect(names(set)).toEqual(['first', 'second', 'third']);
  expect(set.delete(first!)).toBe(true);
  expect(set.delete(first!)).toBe(false);
  expect(names(set)).toEqual(['second', 'third']);
  expect(set.delete(third!)).toBe(true);
  set.add(first!);
  expect(names(set)).toEqual(['first', 'second']);
  expect(set.size).toBe(2);
});

it('does not delete a member of another set', () => {
  const [here, there] = [new IntrusiveSet<ReturnType<typeof member>>(), new IntrusiveSet<ReturnType<typeof member>>()];
  const [guest, resident] = [member('guest'), member('resident')];
  here.add(resident);
  there.add(guest);
  expect(here.delete(guest)).toBe(false);
  expect(names(here)).toEqual(['resident']);
  expect(names(there)).toEqual(['guest']);
});

it('iterates over all members of the start, even if each is deleted meanwhile', () => {
  const set = new IntrusiveSet<ReturnType<typeof member>>();
  for (const name of ['one', 'two', 'three']) set.add(member(name));
  const seen: string[] = [];
  for (const each of set) {
    seen.push(each.name);
    set.delete(each);
  }
  expect(seen).toEqual(['one', 'two', 'three']);
  expect(set.size).toBe(0);
});
