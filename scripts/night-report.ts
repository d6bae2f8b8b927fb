// The shipped incidents side by side: what they cost before the rules that came from them, and what they cost now.
//   npm run night-report
// Prints a table for docs/concepts.md. With --record the figures of this version become those of "before".
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MINUTE, SECOND } from '../src/core/time.ts';
import { playShipped, SHIPPED, storyOf } from './shipped-scenarios.ts';

interface Figures {
  readonly restarts: number;
  readonly minutesDown: number;
  readonly messages: number;
}

/** Played with the rules of commit 80f0be0, for which `conflict` and `stopped` were the same as `disconnected`. */
const BEFORE = join(import.meta.dirname, 'night-before.json');

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

async function figuresOf(name: string): Promise<Figures | null> {
  const report = await playShipped(name);
  if ('problem' in report) {
    process.stderr.write(report.problem);
    return null;
  }
  const { instances, notifications } = report;
  return {
    restarts: sum(instances.map(({ restarts }) => restarts)),
    minutesDown: Math.round((sum(instances.map(({ downSeconds }) => downSeconds)) * SECOND) / MINUTE),
    messages: sum(Object.values(notifications)),
  };
}

function table(before: Partial<Record<string, Figures>>, now: ReadonlyMap<string, Figures>): string {
  const cell = (name: string, key: keyof Figures): string => {
    const [old, current] = [before[name]?.[key] ?? '–', now.get(name)?.[key] ?? '–'];
    return old === current ? String(current) : `${old} → ${current}`;
  };
  const rows = SHIPPED.map((name) => {
    const what = `[\`${name}\`](../scenarios/${name}.txt): ${storyOf(name)}`;
    return `| ${what} | ${cell(name, 'restarts')} | ${cell(name, 'minutesDown')} | ${cell(name, 'messages')} |`;
  });
  return ['| incident | restarts | minutes down | messages |', '|---|---|---|---|', ...rows, ''].join('\n');
}

const now = new Map<string, Figures>();
for (const name of SHIPPED) {
  const figures = await figuresOf(name);
  if (figures !== null) now.set(name, figures);
}
if (process.argv.includes('--record')) {
  writeFileSync(BEFORE, `${JSON.stringify(Object.fromEntries(now), null, 2)}\n`);
} else {
  const before = JSON.parse(readFileSync(BEFORE, 'utf8')) as Partial<Record<string, Figures>>;
  process.stdout.write(table(before, now));
}
