// Owns putting faults of the host beside the fields that they are about.
import type { ErrorSchema } from '@rjsf/utils';
import type { Fault } from '../problem.ts';

/** Faults by JSON pointer as the nested form that the form library shows. A fault of the whole stands at the root. */
export function extraErrors(faults: readonly Fault[]): ErrorSchema {
  const root: ErrorSchema = {};
  for (const { pointer, message } of faults) {
    let place = root as Record<string, unknown> & { __errors?: string[] };
    for (const segment of pointer.split('/').slice(1)) {
      const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
      const next = (Object.hasOwn(place, key) ? place[key] : {}) as typeof place;
      place[key] = next;
      place = next;
    }
    place.__errors = [...(place.__errors ?? []), message];
  }
  return root;
}
