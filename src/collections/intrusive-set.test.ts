import { expect, it } from 'vitest';
import { IntrusiveSet } from './intrusive-set.ts';

const member = (name: string) => ({ name, slotIndex: -1 });
const names = (crowd: IntrusiveSet<ReturnType<typeof member>>): string[] => [...crowd].map(({ name }) => name).sort();

it('holds whoever joined and has not left', () => {
  const crowd = new IntrusiveSet<ReturnType<typeof member>>();
  const [first, second, third] = ['first', 'second', 'third'].map(member);
  for (const each of [first, second, third]) crowd.add(each!);
  crowd.add(first!);
  expect(names(crowd)).toEqual(['first', 'second', 'third']);
  expect(crowd.delete(first!)).toBe(true);
  expect(crowd.delete(first!)).toBe(false);
  expect(names(crowd)).toEqual(['second', 'third']);
  expect(crowd.delete(third!)).toBe(true);
  crowd.add(first!);
  expect(names(crowd)).toEqual(['first', 'second']);
  expect(crowd.size).toBe(2);
});

it('lets nobody leave who stands in another one', () => {
  const [here, there] = [new IntrusiveSet<ReturnType<typeof member>>(), new IntrusiveSet<ReturnType<typeof member>>()];
  const [guest, resident] = [member('guest'), member('resident')];
  here.add(resident);
  there.add(guest);
  expect(here.delete(guest)).toBe(false);
  expect(names(here)).toEqual(['resident']);
  expect(names(there)).toEqual(['guest']);
});

it('everybody who was there hears of it, also when each leaves on hearing', () => {
  const crowd = new IntrusiveSet<ReturnType<typeof member>>();
  for (const name of ['one', 'two', 'three']) crowd.add(member(name));
  const heard: string[] = [];
  for (const each of crowd) {
    heard.push(each.name);
    crowd.delete(each);
  }
  expect(heard).toEqual(['one', 'two', 'three']);
  expect(crowd.size).toBe(0);
});
