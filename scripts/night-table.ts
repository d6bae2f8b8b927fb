import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MINUTE, SECOND } from '../src/core/time.ts';
import { storyOf, type Report } from './shipped-scenarios.ts';

/** What an incident costs, of all instances together. */
interface Figures {
  readonly restarts: number;
  readonly minutesDown: number;
  readonly messages: number;
}

/**
 * Played with the rules of commit 80f0be0, for which `conflict` and `stopped` were the same as `disconnected`. These
 * figures stay as they are; scenarios that are younger have none.
 */
const BEFORE = JSON.parse(readFileSync(join(import.meta.dirname, 'night-before.json'), 'utf8')) as Partial<
  Record<string, Figures>
>;

export const NIGHT_HEAD = ['| incident | restarts | minutes down | messages |', '|---|---|---|---|'];

/** A shipped incident in a row of docs/concepts.md: what it cost before the rules that came from it, and costs now. */
export function nightRow(name: string, report: Report): string {
  const now = figuresOf(report);
  const cell = (key: keyof Figures): string => {
    const before = BEFORE[name]?.[key] ?? '–';
    return before === now[key] ? String(before) : `${before} → ${now[key]}`;
  };
  const what = `[\`${name}\`](../scenarios/${name}.txt): ${storyOf(name)}`;
  return `| ${what} | ${cell('restarts')} | ${cell('minutesDown')} | ${cell('messages')} |`;
}

function figuresOf({ instances, notifications }: Report): Figures {
  return {
    restarts: sum(instances.map(({ restarts }) => restarts)),
    minutesDown: Math.round((sum(instances.map(({ downSeconds }) => downSeconds)) * SECOND) / MINUTE),
    messages: sum(Object.values(notifications)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
