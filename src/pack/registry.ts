// Owns looking things up over all loaded packs. Two packs of one name are a fault, not a choice.
import { ConfigurationError } from '../errors.ts';
import { nearestWord } from '../schema/index.ts';
import type { LoadedAccountType, LoadedSnap, Pack } from './pack.ts';

export class PackRegistry {
  readonly packs: readonly Pack[];
  readonly #snaps = new Map<string, LoadedSnap>();
  readonly #accountTypes = new Map<string, LoadedAccountType>();

  /** Throws SNAP_PACK_INVALID when two packs have one name. */
  constructor(packs: readonly Pack[]) {
    this.packs = [...packs];
    const folders = new Map<string, string>();
    for (const pack of packs) {
      const other = folders.get(pack.name);
      if (other !== undefined) {
        throw new ConfigurationError('SNAP_PACK_INVALID', `Two snap packs are named "${pack.name}".`, {
          reason: `one is in ${other}, the other in ${pack.folder}`,
          resolution: 'load one of them',
        });
      }
      folders.set(pack.name, pack.folder);
      for (const snap of pack.snaps.values()) this.#snaps.set(snap.id, snap);
      for (const type of pack.accountTypes.values()) this.#accountTypes.set(type.id, type);
    }
  }

  /** All snaps, by id. */
  get snaps(): ReadonlyMap<string, LoadedSnap> {
    return this.#snaps;
  }

  get accountTypes(): ReadonlyMap<string, LoadedAccountType> {
    return this.#accountTypes;
  }

  snap(id: string): LoadedSnap | undefined {
    return this.#snaps.get(id);
  }

  accountType(id: string): LoadedAccountType | undefined {
    return this.#accountTypes.get(id);
  }

  /** The pack of that name. Throws SNAP_PACK_NOT_FOUND. */
  pack(name: string): Pack {
    const pack = this.packs.find((candidate) => candidate.name === name);
    if (pack !== undefined) return pack;
    const near = nearestWord(
      name,
      this.packs.map((candidate) => candidate.name),
    );
    throw new ConfigurationError('SNAP_PACK_NOT_FOUND', `No snap pack named "${name}" is loaded.`, {
      reason: `loaded are ${this.packs.map((candidate) => candidate.name).join(', ') || 'none'}`,
      resolution: near === undefined ? 'load it with --pack DIR' : `write "${near}"`,
    });
  }
}
