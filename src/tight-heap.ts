import { setFlagsFromString } from 'node:v8';

/** How much the heap may grow, in percent of what lives in it, before it is collected. */
const GROWTH = 20;

/**
 * Has the heap collected early. A large fleet is loaded once and then hardly changes: left to itself V8 would keep the
 * room that the loading took, half as much again as all the states, because nothing makes it look again. The flag is
 * read anew at each collection (Heap::MaxHeapGrowingFactor and its callers in heap/heap.cc and heap-controller.cc of
 * V8), so it can be set after the start. A V8 that does not know it would say so on standard error and go on.
 */
export function keepHeapTight(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
