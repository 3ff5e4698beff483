// Owns how much memory V8 takes for objects that die young. Left alone it doubles that space, up to some 100 MB, for a
// stream of documents of which a run keeps almost nothing; a run is no faster for it (bench/memory.ts).
import v8 from 'node:v8';

/** A smaller space would be collected so often that documents on their way count as old; a program that has started has more. */
const bytesEnough = 8 * 1024 * 1024;

/** Lets the space grow no further than it has. V8 reads the flag whenever it would grow it. */
export function keepYoungGeneration(): void {
  const space = v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  if ((space?.space_size ?? 0) >= bytesEnough) v8.setFlagsFromString('--semi-space-growth-factor=1');
}
