/*
 * A second process on a state folder: `saving-child.mjs FOLDER hold` opens it and waits, `… save` opens it and saves
 * without end. Each acknowledged save is one line "key revision"; when it cannot open, it says why. It runs what was
 * compiled before the tests, which starts in a fraction of the time.
 */
import { writeSync } from 'node:fs';
import { newInstance } from '../../dist/core/instance/instance.js';
import { openLevelStore } from '../../dist/store/level/level.js';
import { StoreError } from '../../dist/store/store.js';

const KEYS = ['acme/1', 'acme/2', 'acme/3', 'other/1', 'other/2'];

function say(line) {
  writeSync(1, `${line}\n`);
}

async function saveForEver(store, key, from) {
  for (let revision = from; ; revision += 1) {
    await store.save(key, { ...newInstance(7, 1_750_000_000_000), failures: revision }, revision - 1);
    say(`${key} ${revision}`);
  }
}

const [path, mode] = process.argv.slice(2);
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
