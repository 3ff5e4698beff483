// Owns putting the faults of a check where a person looks: on the snap, on the link, or above the canvas.
import type { Fault } from '../../problem.ts';
import type { Pipeline } from './pipeline.ts';
import { linkKey } from './views.ts';

export interface PlacedFaults {
  /** By snap id; pointers are relative to the snap: "/settings/condition". */
  readonly snaps: ReadonlyMap<string, readonly Fault[]>;
  /** By link key. */
  readonly links: ReadonlyMap<string, readonly Fault[]>;
  readonly others: readonly Fault[];
  readonly count: number;
}

export const noFaults: PlacedFaults = { snaps: new Map(), links: new Map(), others: [], count: 0 };

/** Places faults by their pointers into the pipeline that was checked. */
export function placeFaults(faults: readonly Fault[], { snaps, links }: Pipeline): PlacedFaults {
  const bySnap = new Map<string, Fault[]>();
  const byLink = new Map<string, Fault[]>();
  const others: Fault[] = [];
  for (const fault of faults) {
    const [, list, index, rest = ''] = /^\/(snaps|links)\/(\d+)(\/.*)?$/u.exec(fault.pointer) ?? [];
    const snap = list === 'snaps' ? snaps[Number(index)] : undefined;
    const link = list === 'links' ? links[Number(index)] : undefined;
    if (snap !== undefined) push(bySnap, snap.id, { pointer: rest, message: fault.message });
    else if (link !== undefined) push(byLink, linkKey(link), fault);
    else others.push(fault);
  }
  return { snaps: bySnap, links: byLink, others, count: faults.length };
}

/** Faults below a part of a snap, with pointers relative to that part. */
export function faultsWithin(faults: readonly Fault[], part: string): readonly Fault[] {
  return faults
    .filter(({ pointer }) => pointer === part || pointer.startsWith(`${part}/`))
    .map(({ pointer, message }) => ({ pointer: pointer.slice(part.length), message }));
}

function push(map: Map<string, Fault[]>, key: string, fault: Fault): void {
  map.set(key, [...(map.get(key) ?? []), fault]);
}
