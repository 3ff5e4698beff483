// Owns the entity: one record, or one line inside a record, whose fields are computed only when somebody asks for them.
import type { JsonValue } from '../../document/json.ts';
import type { ObjectFact } from './facts.ts';

/** What a field of an entity is: plain JSON, another entity, or the members of a collection. */
export type Value = JsonValue | Entity | readonly Entity[];

/** Computes one field of a record from the seed. */
export interface FieldGenerator {
  of(entity: Entity): Value;
  /** The value, when it is the same for every record; it is then rendered once. */
  readonly constant?: JsonValue;
  /** The instant in milliseconds of a date-time field, without making its text. */
  instantOf?(entity: Entity): number;
  /** The ordinal of the one record that has this value, where the value says it. */
  ordinalOf?(value: string): number | undefined;
  /** Whether the values of so many records stand in the order of their ordinals. */
  isAscending?(count: number): boolean;
  /** True for a collection whose members live inside the record and are rendered whole. */
  readonly isOwned?: boolean;
}

/** An object with a generator for each of its fields. */
export interface EntityType {
  readonly name: string;
  readonly facts: ObjectFact;
  readonly generators: ReadonlyMap<string, FieldGenerator>;
}

/** Values written over the API; read when asked for, so that a reference follows what it refers to. */
export type Changes = ReadonlyMap<string, () => Value>;

/** Where an entity stands. */
export interface Place {
  readonly id: number;
  /** Place among the computed records of its collection, or among the lines of its parent. */
  readonly ordinal: number;
  readonly parent?: Entity;
  readonly changes?: Changes;
  /** True for a record made over the API: nothing of it is computed. */
  readonly isMade?: boolean;
}

/** One record or line. It keeps nothing but its place and one derived value while it is looked at. */
export class Entity {
  readonly type: EntityType;
  readonly id: number;
  readonly ordinal: number;
  readonly parent: Entity | undefined;
  readonly changes: Changes | undefined;
  /** True for a record made over the API. */
  readonly isMade: boolean;
  #derived: unknown;

  constructor(type: EntityType, place: Place) {
    this.type = type;
    this.id = place.id;
    this.ordinal = place.ordinal;
    this.parent = place.parent;
    this.changes = place.changes;
    this.isMade = place.isMade ?? false;
  }

  /** Gives one field; null when the object has no such field or it is empty. */
  value(field: string): Value {
    const change = this.changes?.get(field);
    if (change) return change();
    if (this.isMade) return field === 'id' ? this.id : null;
    return this.type.generators.get(field)?.of(this) ?? null;
  }

  /** Gives the instant of a date-time field in milliseconds, or undefined when it is empty. */
  instant(field: string): number | undefined {
    const generator = this.type.generators.get(field);
    if (generator?.instantOf && !this.isMade && !this.changes?.has(field)) return generator.instantOf(this);
    const value = this.value(field);
    return typeof value === 'string' ? Date.parse(value) : undefined;
  }

  /** Gives what `compute` finds, computed once; an object has one such function, shared by its generators. */
  derive<T>(compute: (entity: Entity) => T): T {
    this.#derived ??= compute(this);
    return this.#derived as T;
  }
}
