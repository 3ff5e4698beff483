// Owns the small tools with which the fields of an object are declared. A tool never looks at another record's rendered form.
import type { JsonValue } from '../../document/json.ts';
import type { Calendar } from './calendar.ts';
import type { Collection } from './collection.ts';
import { drawBelow, drawOne, saltOf } from './draw.ts';
import type { Entity, EntityType, FieldGenerator, Value } from './entity.ts';
import type { ObjectFact } from './facts.ts';

/** What generators may ask of the whole: other collections and types, made when first asked for. */
export interface Surroundings {
  readonly seed: string;
  /** Number of invoices; all other sizes follow from it. */
  readonly records: number;
  collection(object: string): Collection;
  type(object: string): EntityType;
  calendar(object: string): Calendar;
}

/** Gives the tools for one object. */
export class Kit {
  readonly facts: ObjectFact;
  readonly world: Surroundings;

  constructor(facts: ObjectFact, world: Surroundings) {
    this.facts = facts;
    this.world = world;
  }

  salt(use: string): number {
    return saltOf(`${this.world.seed}/${this.facts.name}/${use}`);
  }

  /** One of a list, drawn for each record. */
  one(use: string, list: readonly JsonValue[]): FieldGenerator {
    const salt = this.salt(use);
    return { of: (entity) => drawOne(salt, placeOf(entity), list) };
  }

  /** A whole number from `low` to `high`. */
  whole(use: string, low: number, high: number): FieldGenerator {
    const salt = this.salt(use);
    return { of: (entity) => low + drawBelow(salt, placeOf(entity), high - low + 1) };
  }

  /** True for about `percent` of a hundred records. */
  often(use: string, percent: number): FieldGenerator {
    const salt = this.salt(use);
    return { of: (entity) => drawBelow(salt, placeOf(entity), 100) < percent };
  }

  /** A record of another object, drawn for each record. */
  some(use: string, object: string): FieldGenerator {
    const salt = this.salt(use);
    return {
      of: (entity) => {
        const collection = this.world.collection(object);
        return collection.at(drawBelow(salt, placeOf(entity), collection.computedCount));
      },
    };
  }

  /** A number that says its record, like INV-0000012. */
  serial(prefix: string, digits: number): FieldGenerator {
    const pattern = new RegExp(`^${prefix}(\\d{${digits},})$`, 'u');
    return {
      of: (entity) => prefix + String(entity.ordinal + 1).padStart(digits, '0'),
      // All numbers have the same length until they outgrow their zeros.
      isAscending: (count) => count < 10 ** digits,
      ordinalOf: (value) => {
        const number = pattern.exec(value)?.[1];
        return number === undefined || Number(number) < 1 ? undefined : Number(number) - 1;
      },
    };
  }
}

/** The place by which a field of an entity is drawn: a line's place counts within its parent. */
export const placeOf = (entity: Entity): number =>
  entity.parent ? entity.parent.ordinal * 8 + entity.ordinal : entity.ordinal;

/** The same value for every record. */
export const constant = (value: JsonValue): FieldGenerator => ({ of: () => value, constant: value });

/** A field computed by a function. */
export const by = (of: (entity: Entity) => Value): FieldGenerator => ({ of });

/** Members that live inside the record. */
export const owned = (of: (entity: Entity) => readonly Entity[]): FieldGenerator => ({ of, isOwned: true });

/** Writes an amount of hundredths as an exact decimal. */
export function money(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The domain knowledge of one object: how many there are, since when, and the fields that carry meaning. */
export interface Domain {
  readonly object: string;
  /** How many records, given the number of invoices. */
  readonly count: (records: number) => number;
  /** 'master' data, or business that began so many days before the first invoice. */
  readonly period: 'master' | number;
  readonly fields: (kit: Kit) => Readonly<Record<string, FieldGenerator>>;
}
