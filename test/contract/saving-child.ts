/*
 * A second process on a state folder: `saving-child.ts FOLDER hold` opens it and waits, `… save` opens it and saves
 * without end. Each acknowledged save is one line "key revision"; when it cannot open, it says why.
 */
import { writeSync } from 'node:fs';
import { openLevelStore } from '../../src/store/level.ts';
import { StoreError } from '../../src/store/store.ts';
import type { StateStore } from '../../src/store/store.ts';
import { stateAt } from './instance-states.ts';

const KEYS = ['acme/1', 'acme/2', 'acme/3', 'other/1', 'other/2'];

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function saveForEver(store: StateStore, key: string, from: number): Promise<never> {
  for (let revision = from; ; revision += 1) {
    await store.save(key, stateAt(revision), revision - 1);
    say(`${key} ${revision}`);
  }
}

const [path = '', mode] = process.argv.slice(2);
try {
  const store = await openLevelStore({ path });
  say('open');
  if (mode === 'save') {
    const states = await store.load();
    await Promise.all(KEYS.map((key) => saveForEver(store, key, (states.get(key)?.revision ?? 0) + 1)));
  }
  process.stdin.resume();
} catch (error) {
  say(error instanceof StoreError ? error.kind : String(error));
}
