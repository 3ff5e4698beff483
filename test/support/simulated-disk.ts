// What a disk would still hold if the power went away now: bytes that were synced, under names whose folder was synced.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Says, for one change that was not durable, whether the disk happened to write it all the same. */
export type Keeps = (what: string) => boolean;

/** A file or folder, whatever its name is. */
interface Thing {
  /** Durable bytes of a file; undefined for a folder. */
  durable: Buffer | undefined;
}

type Names = Map<string, Thing>;

/**
 * Two sets of names, those of now and the durable ones, and the durable bytes of each file. A sync of a file makes its bytes of
 * now durable, a sync of a folder the names in it. The real files are those of now.
 */
export class SimulatedDisk {
  readonly #root: string;
  readonly #now: Names = new Map();
  readonly #durable: Names = new Map();

  /** All that is below the folder when the disk is made is durable. */
  constructor(root: string) {
    this.#root = root;
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const name = path.join(entry.parentPath, entry.name);
      const thing: Thing = { durable: entry.isFile() ? readFileSync(name) : undefined };
      this.#now.set(name, thing);
      this.#durable.set(name, thing);
    }
  }

  /** A file was opened to be written: a new one has a name of now and no durable bytes. */
  opened(file: string): void {
    if (!this.#now.has(file)) this.#now.set(file, { durable: Buffer.alloc(0) });
  }

  /** A folder was made, with those above it. */
  made(folder: string): void {
    for (let at = folder; at !== this.#root && !this.#now.has(at); at = path.dirname(at)) {
      this.#now.set(at, { durable: undefined });
    }
  }

  renamed(from: string, to: string): void {
    const thing = this.#now.get(from);
    if (thing !== undefined) this.#now.set(to, thing);
    this.#now.delete(from);
  }

  removed(file: string): void {
    this.#now.delete(file);
  }

  synced(name: string): void {
    const thing = this.#now.get(name);
    if (thing?.durable !== undefined) thing.durable = readFileSync(name);
    else this.#syncNames(name);
  }

  /** Leaves of the real files what the disk holds. Whatever was not durable is there only if `choose` says so. */
  cutPower(choose: Keeps): void {
    const choices = new Map<string, boolean>();
    // One change has one fate: the old name of a renamed file is there if, and only if, the new one is not.
    const keeps: Keeps = (what) => {
      const choice = choices.get(what) ?? choose(what);
      choices.set(what, choice);
      return choice;
    };
    const bytes = new Map([...this.#now].map(([name, thing]) => [thing, this.#bytesOf(name, thing, keeps)]));
    const names = new Map([...this.#durable, ...this.#now].map(([name]) => [name, this.#thingOf(name, keeps)]));
    for (const name of names.keys()) rmSync(name, { recursive: true, force: true });
    for (const [name, thing] of [...names].sort(([left], [right]) => (left < right ? -1 : 1))) {
      if (thing === undefined || !existsSync(path.dirname(name))) continue;
      const left = bytes.get(thing) ?? thing.durable;
      if (left === undefined) mkdirSync(name);
      else writeFileSync(name, left);
    }
  }

  #syncNames(folder: string): void {
    for (const names of [this.#now, this.#durable]) {
      for (const name of [...names.keys()].filter((each) => path.dirname(each) === folder)) {
        const thing = this.#now.get(name);
        if (thing === undefined) this.#durable.delete(name);
        else this.#durable.set(name, thing);
      }
    }
  }

  #thingOf(name: string, keeps: Keeps): Thing | undefined {
    const [now, durable] = [this.#now.get(name), this.#durable.get(name)];
    // A folder's names reach the disk together: a rename is done whole or not at all.
    return now === durable || !keeps(`names in ${path.dirname(name)}`) ? durable : now;
  }

  /** Bytes behind the durable ones may be there in part. */
  #bytesOf(name: string, { durable }: Thing, keeps: Keeps): Buffer | undefined {
    if (durable === undefined || !existsSync(name) || !statSync(name).isFile()) return durable;
    const now = readFileSync(name);
    if (now.equals(durable) || keeps(`bytes of ${name}`)) return now;
    const isLonger = now.length > durable.length && now.subarray(0, durable.length).equals(durable);
    return isLonger && keeps(`part of ${name}`) ? now.subarray(0, (durable.length + now.length) >> 1) : durable;
  }
}
