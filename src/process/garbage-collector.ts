import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** How much the heap may grow, in percent of what lives in it, before it is collected. */
const GROWTH = 20;
/** With no more than these, a helper of the collector has to wait for whoever the processors are busy with. */
const FEW_PROCESSORS = 2;

/**
 * Has V8 collect garbage as suits a process that loads once, then hardly changes, and must never be late. Both flags are
 * read anew at each collection, so they can be set after the start; a V8 that does not know one would say so on standard
 * error and go on.
 *
 * The heap is collected early: left to itself V8 would keep the room that the loading took, half as much again as all
 * the states, because nothing makes it look again (Heap::MaxHeapGrowingFactor and its callers in heap/heap.cc and
 * heap-controller.cc of V8).
 *
 * Young objects are collected by the main thread alone where processors are few. That is a millisecond or two of work;
 * with helpers the main thread waits until each has had its turn on a processor, which was what took longest
 * (ScavengerCollector::NumberOfScavengeTasks in heap/scavenger.cc; `npm run bench fleet`).
 */
export function tuneGarbageCollector(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
  if (availableParallelism() <= FEW_PROCESSORS) setFlagsFromString('--no-parallel-scavenge');
}
