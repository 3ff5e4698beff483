// Owns the records of one object: those computed from the seed, and over them what was written since. Keeps only what was written.
import { type Changes, Entity, type EntityType, type Value } from './entity.ts';
import type { IdScheme } from './ids.ts';

/** Which records a scan visits, in ids; both ends included. */
export interface IdRange {
  readonly low: number;
  readonly high: number;
  readonly isDescending: boolean;
}

/** What was written to a collection since it started. */
interface Written {
  /** id -> changed values of a computed record, or all values of a made one. */
  readonly changes: Map<number, Changes>;
  /** Ids of records made over the API, ascending. */
  made: number[];
  readonly deleted: Set<number>;
}

const nothingWritten = (): Written => ({ changes: new Map(), made: [], deleted: new Set() });

/** The records of one object, computed on demand, with the writes laid over them. */
export class Collection {
  readonly type: EntityType;
  /** How many records are computed from the seed. */
  readonly computedCount: number;
  readonly #ids: IdScheme;
  #written = nothingWritten();
  #nextId: number;

  constructor(type: EntityType, computedCount: number, ids: IdScheme) {
    this.type = type;
    this.computedCount = computedCount;
    this.#ids = ids;
    this.#nextId = ids.idAt(computedCount);
  }

  /** How many records exist now. */
  get count(): number {
    return this.computedCount + this.#written.made.length - this.#deletedComputed();
  }

  /** The id that the next made record gets. */
  get nextId(): number {
    return this.#nextId;
  }

  /** How many records or changes are kept in memory; nothing else is. */
  get storedCount(): number {
    return this.#written.changes.size + this.#written.deleted.size;
  }

  /** How many records are gone; while none is, offsets are found by arithmetic. */
  get isWhole(): boolean {
    return this.#written.deleted.size === 0;
  }

  /** Gives a computed record by its ordinal, with its changes, even when it was deleted since. */
  at(ordinal: number): Entity {
    const id = this.#ids.idAt(ordinal);
    const changes = this.#written.changes.get(id);
    return new Entity(this.type, changes ? { id, ordinal, changes } : { id, ordinal });
  }

  /** Gives a computed record as it was before any write. */
  computedAt(ordinal: number): Entity {
    return new Entity(this.type, { id: this.#ids.idAt(ordinal), ordinal });
  }

  /** Gives a computed record that no write touched, or undefined. */
  untouchedAt(ordinal: number): Entity | undefined {
    const id = this.#ids.idAt(ordinal);
    if (this.#written.deleted.has(id) || this.#written.changes.has(id)) return undefined;
    return new Entity(this.type, { id, ordinal });
  }

  /** Gives the records that were changed or made. */
  written(): readonly Entity[] {
    return [...this.#written.changes.keys()].map((id) => this.read(id)).filter((entity) => entity !== undefined);
  }

  /** Gives the record of an id, or undefined when there is none. */
  read(id: number): Entity | undefined {
    if (!Number.isSafeInteger(id) || this.#written.deleted.has(id)) return undefined;
    const changes = this.#written.changes.get(id);
    const ordinal = this.#ids.ordinalFrom(id);
    if (ordinal < this.computedCount) return this.#ids.idAt(ordinal) === id ? this.at(ordinal) : undefined;
    return changes && new Entity(this.type, { id, ordinal: id, changes, isMade: true });
  }

  /** Visits the records whose ids are in the range, in id order, skipping the first `skip` without computing them. */
  *scan(range: IdRange, skip = 0): Generator<Entity, void, undefined> {
    const first = this.#ids.ordinalFrom(range.low);
    const end = Math.min(this.#ids.ordinalFrom(range.high + 1), this.computedCount);
    const computed = Math.max(0, end - first);
    const made = this.#written.made.filter((id) => id >= range.low && id <= range.high);
    const total = computed + made.length;
    let left = this.isWhole ? 0 : skip;
    for (let place = this.isWhole ? skip : 0; place < total; place += 1) {
      const index = range.isDescending ? total - 1 - place : place;
      const entity = index < computed ? this.#existingAt(first + index) : this.read(made[index - computed] ?? 0);
      if (entity === undefined) continue;
      if (left > 0) left -= 1;
      else yield entity;
    }
  }

  /** Lays values over a record. `id` must exist. */
  change(id: number, values: Changes): void {
    this.#written.changes.set(id, new Map([...(this.#written.changes.get(id) ?? []), ...values]));
  }

  /** Adds a record of these values alone and gives its id, above all ids so far. */
  add(values: (id: number) => Changes): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#written.changes.set(id, values(id));
    this.#written.made.push(id);
    return id;
  }

  /** Takes a record away; its id is not used again. */
  delete(id: number): void {
    this.#written.deleted.add(id);
    this.#written.changes.delete(id);
    this.#written.made = this.#written.made.filter((made) => made !== id);
  }

  /** Forgets all writes. */
  reset(): void {
    this.#written = nothingWritten();
    this.#nextId = this.#ids.idAt(this.computedCount);
  }

  /** Finds the records that have this very value in a field whose generator can tell; undefined when it cannot. */
  find(field: string, value: string): readonly Entity[] | undefined {
    const generator = this.type.generators.get(field);
    if (!generator?.ordinalOf) return undefined;
    const ordinal = generator.ordinalOf(value);
    const computed = ordinal === undefined || ordinal >= this.computedCount ? undefined : this.#existingAt(ordinal);

    const seen = new Set<number>();
    return [computed, ...this.written()].filter((entity): entity is Entity => {
      if (!entity || seen.has(entity.id) || !isText(entity.value(field), value)) return false;
      seen.add(entity.id);
      return true;
    });
  }

  #existingAt(ordinal: number): Entity | undefined {
    return this.#written.deleted.has(this.#ids.idAt(ordinal)) ? undefined : this.at(ordinal);
  }

  #deletedComputed(): number {
    let count = 0;
    for (const id of this.#written.deleted) if (this.#ids.ordinalFrom(id) < this.computedCount) count += 1;
    return count;
  }
}

const isText = (found: Value, value: string): boolean => typeof found === 'string' && found === value;
