// Owns the whole of the simulated tenant's records: one collection for each object, made when first asked for.

import { businessDomains } from './business.ts';
import { businessPeriod, type Calendar, calendarOf, instantField, masterPeriod } from './calendar.ts';
import { collaborationDomains } from './collaboration.ts';
import { Collection } from './collection.ts';
import type { Entity, EntityType, FieldGenerator } from './entity.ts';
import { type CatalogResource, type ObjectFact, objectOf, readObject } from './facts.ts';
import { Families } from './families.ts';
import { genericField } from './generic.ts';
import { denseIds, gappedIds } from './ids.ts';
import { by, type Domain, Kit, type Surroundings } from './kit.ts';
import { masterDomains, share } from './master.ts';
import { membershipDomains } from './memberships.ts';
import { supplierDomains } from './suppliers.ts';

/** How the records are made. */
export interface WorldOptions {
  readonly seed: string;
  /** Number of invoices; the sizes of all other resources follow. */
  readonly records: number;
  /** Whether ids have holes, as in a tenant where records were deleted. */
  readonly hasGaps: boolean;
}

const domains: ReadonlyMap<string, Domain> = new Map(
  [...collaborationDomains, ...masterDomains, ...membershipDomains, ...supplierDomains, ...businessDomains].map(
    (domain) => [domain.object, domain],
  ),
);
const genericCount = share(20, 20);
/** All records of a simulated tenant. */
export class World implements Surroundings {
  readonly seed: string;
  readonly records: number;
  readonly families: Families;
  readonly #hasGaps: boolean;
  readonly #types = new Map<string, EntityType>();
  readonly #collections = new Map<string, Collection>();
  readonly #calendars = new Map<string, Calendar>();
  readonly #objects = new Map<string, string>();

  constructor(catalog: readonly CatalogResource[], options: WorldOptions) {
    this.seed = options.seed;
    this.records = options.records;
    this.#hasGaps = options.hasGaps;
    this.families = new Families(catalog, (object) => this.collection(object));
    for (const resource of catalog) this.#objects.set(resource.key, objectOf(resource));
  }

  /** Gives the collection behind a listable key, or undefined when the catalog has no such key. */
  resource(key: string): Collection | undefined {
    const object = this.#objects.get(key);
    return object === undefined ? undefined : this.collection(object);
  }

  collection(object: string): Collection {
    let collection = this.#collections.get(object);
    if (!collection) {
      collection = new Collection(this.type(object), this.#count(object), this.#hasGaps ? gappedIds : denseIds);
      this.#collections.set(object, collection);
    }
    return collection;
  }

  type(object: string): EntityType {
    let type = this.#types.get(object);
    if (!type) {
      type = this.#makeType(readObject(object));
      this.#types.set(object, type);
    }
    return type;
  }

  calendar(object: string): Calendar {
    let calendar = this.#calendars.get(object);
    if (!calendar) {
      const period = domains.get(object)?.period ?? 0;
      const days = period === 'master' ? masterPeriod : businessPeriod(period);
      calendar = calendarOf(`${this.seed}/${object}`, this.#count(object), days);
      this.#calendars.set(object, calendar);
    }
    return calendar;
  }

  /** How many records or changes are kept in memory, over all collections. */
  get storedCount(): number {
    return [...this.#collections.values()].reduce((sum, collection) => sum + collection.storedCount, 0);
  }

  /** Forgets all writes. */
  reset(): void {
    for (const collection of this.#collections.values()) collection.reset();
  }

  #count(object: string): number {
    return (domains.get(object)?.count ?? genericCount)(this.records);
  }

  #makeType(facts: ObjectFact): EntityType {
    const kit = new Kit(facts, this);
    const declared: Readonly<Record<string, FieldGenerator>> = {
      ...this.#commonFields(facts),
      ...this.families.fieldsOf(facts),
      ...domains.get(facts.name)?.fields(kit),
    };
    const generators = new Map<string, FieldGenerator>();
    for (const fact of facts.fields.values()) {
      const generator = declared[fact.name] ?? genericField(kit, fact, (object) => domains.has(object));
      generators.set(fact.name, generator);
    }
    return { name: facts.name, facts, generators };
  }

  #commonFields(facts: ObjectFact): Readonly<Record<string, FieldGenerator>> {
    const calendar = this.calendar(facts.name);
    const place = (entity: Entity): number => entity.parent?.ordinal ?? entity.ordinal;
    const author = by((entity) => {
      const users = this.collection('user');
      return users.at(place(entity) % Math.min(users.computedCount, 7));
    });
    return {
      id: by((entity) => entity.id),
      'created-at': instantField((entity) => calendar.createdMs(place(entity))),
      'updated-at': instantField((entity) => calendar.updatedMs(place(entity))),
      'created-by': author,
      'updated-by': author,
    };
  }
}
