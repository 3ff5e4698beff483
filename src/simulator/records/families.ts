// Owns which record stands under which: comments of an invoice, sites of a supplier. Computed children are found by arithmetic,
// written ones by the parent they were written under; nothing is kept for a child that nobody wrote.
import type { Collection } from './collection.ts';
import { documentType } from './document-types.ts';
import { Entity, type FieldGenerator } from './entity.ts';
import type { CatalogResource, ObjectFact } from './facts.ts';
import { by } from './kit.ts';
import { CallPaths } from './paths.ts';

/** The value of a written child that says its parent: `invoice/12`. It is no documented field and never shown. */
export const parentMark = '@parent';

/** Fields of a parent that hold its children themselves. */
const holdingFields: Readonly<Record<string, string>> = {
  'expense-report/expense-line': 'expense-lines',
  'purchase-order/purchase-order-line': 'order-lines',
};
/** Fields of a child that refer to the parent. */
const referringFields: Readonly<Record<string, string>> = { 'item/supplier-item': 'item' };

/** The field in which a parent holds children of an object, or undefined. */
export const holdingField = (parent: string, child: string): string | undefined => holdingFields[`${parent}/${child}`];

/** The mark of children written under a record. */
export const markOf = (parent: Entity): string => `${parent.type.name}/${parent.id}`;

/** Knows parents and children. */
export class Families {
  readonly #collection: (object: string) => Collection;
  /** child object -> the objects it stands under, in documented order. */
  readonly #parents = new Map<string, string[]>();

  constructor(catalog: readonly CatalogResource[], collection: (object: string) => Collection) {
    this.#collection = collection;
    const paths = new CallPaths(catalog);
    for (const resource of catalog) {
      for (const call of resource.calls) {
        const { object, parents } = paths.of(resource, call);
        const parent = parents.at(-1)?.object;
        if (parent === undefined || parent === object) continue;
        const known = this.#parents.get(object) ?? [];
        if (!known.includes(parent)) this.#parents.set(object, [...known, parent]);
      }
    }
  }

  /** Gives the record that another stands under, or undefined. */
  parentOf(child: Entity): Entity | undefined {
    const mark = child.value(parentMark);
    if (typeof mark === 'string') {
      const [object, id] = mark.split('/');
      return this.#collection(object ?? '').read(Number(id));
    }
    const { name } = child.type;
    const objects = this.#parents.get(name);
    if (!objects || child.isMade) return undefined;
    const parents = this.#collection(objects[child.ordinal % objects.length] ?? '');
    if (parents.computedCount === 0) return undefined;
    return parents.at(Math.floor(child.ordinal / objects.length) % parents.computedCount);
  }

  /** Gives the children of an object that stand under a record, by id. */
  *childrenOf(parent: Entity, object: string): Generator<Entity, void, undefined> {
    const mark = markOf(parent);
    const children = this.#collection(object);
    const seen = new Set<number>();
    for (const child of this.#computedChildren(parent, children)) {
      const existing = children.read(child.id);
      const moved = existing?.value(parentMark) ?? mark;
      if (!existing || moved !== mark) continue;
      seen.add(child.id);
      yield existing;
    }
    for (const child of children.written()) if (child.value(parentMark) === mark && !seen.has(child.id)) yield child;
  }

  /** Gives the fields by which children of an object name their parent, and a parent its files. */
  fieldsOf(facts: ObjectFact): Readonly<Record<string, FieldGenerator>> {
    const fields: Record<string, FieldGenerator> = {};
    const parent = (entity: Entity, object?: string): Entity | null => {
      const found = this.parentOf(entity);
      return found && (object === undefined || found.type.name === object) ? found : null;
    };
    for (const object of this.#parents.get(facts.name) ?? []) {
      if (Object.hasOwn(referringFields, `${object}/${facts.name}`)) continue;
      fields[object] = by((entity) => parent(entity, object));
      fields[`${object}-id`] = by((entity) => parent(entity, object)?.id ?? null);
    }
    if (this.#parents.get('attachment')?.includes(facts.name)) {
      fields.attachments = by((entity) => [...this.childrenOf(entity, 'attachment')]);
    }
    for (const word of ['commentable', 'linkable']) {
      fields[`${word}-id`] = by((entity) => parent(entity)?.id ?? null);
      fields[`${word}-type`] = by((entity) => {
        const found = parent(entity);
        return found ? documentType(found.type.name) : null;
      });
    }
    return Object.fromEntries(Object.entries(fields).filter(([name]) => facts.fields.has(name)));
  }

  *#computedChildren(parent: Entity, children: Collection): Generator<Entity, void, undefined> {
    if (parent.isMade) return;
    const pair = `${parent.type.name}/${children.type.name}`;
    const held = holdingFields[pair];
    const referring = referringFields[pair];
    if (held !== undefined) {
      const members = parent.type.generators.get(held)?.of(parent);
      if (Array.isArray(members)) for (const member of members) if (member instanceof Entity) yield member;
      return;
    }
    if (referring !== undefined) {
      for (const child of children.scan({ low: 1, high: Number.MAX_SAFE_INTEGER - 1, isDescending: false })) {
        const target = child.value(referring);
        if (target instanceof Entity && target.id === parent.id) yield child;
      }
      return;
    }
    const objects = this.#parents.get(children.type.name) ?? [];
    const kind = objects.indexOf(parent.type.name);
    const step = this.#collection(parent.type.name).computedCount;
    if (kind < 0 || step === 0) return;
    for (let place = parent.ordinal; ; place += step) {
      const ordinal = kind + objects.length * place;
      if (ordinal >= children.computedCount) return;
      yield children.at(ordinal);
    }
  }
}
