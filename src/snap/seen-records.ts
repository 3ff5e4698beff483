// Owns the memory of records that were read near the cursor, so that a look back gives no record twice. Bounded.
import { crc32 } from 'node:zlib';
import type { JsonValue } from '../document/json.ts';

/** Records of one time of change: id and checksum by turns. The checksum tells two changes within one second apart. */
type Group = readonly [at: string, members: readonly (number | string)[]];

/** Beyond this many a record may be given once more by the next run: rather twice than never. */
const seenMax = 200_000;

export class SeenRecords {
  readonly #keys = new Set<string>();
  #groups: readonly Group[] = [];

  /** From what `toJson` gave, by this process or another. */
  static from(json: JsonValue | undefined): SeenRecords {
    const seen = new SeenRecords();
    const groups = Array.isArray(json) ? (json as unknown as readonly Group[]) : [];
    seen.#groups = groups;
    for (const [at, members] of groups) {
      for (let index = 0; index < members.length; index += 2) {
        seen.#keys.add(`${at} ${members[index]} ${members[index + 1]}`);
      }
    }
    return seen;
  }

  has(at: string, id: number | string, bytes: Buffer): boolean {
    return this.#keys.size > 0 && this.#keys.has(`${at} ${id} ${crc32(bytes)}`);
  }

  /** Remembers the records of one page. */
  add(records: readonly { readonly at: string; readonly id: number | string; readonly bytes: Buffer }[]): void {
    const groups = new Map<string, (number | string)[]>();
    for (const { at, id, bytes } of records) {
      if (this.#keys.size >= seenMax) break;
      const sum = crc32(bytes);
      this.#keys.add(`${at} ${id} ${sum}`);
      const members = groups.get(at) ?? [];
      members.push(id, sum);
      groups.set(at, members);
    }
    // A new list each time: positions that were given out keep the one they saw.
    if (groups.size > 0) this.#groups = [...this.#groups, ...groups];
  }

  toJson(): JsonValue {
    return this.#groups;
  }
}
