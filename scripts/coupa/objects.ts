// Owns which documented objects are one and which are two: same name, same id, unless the stated table says otherwise.
import type { FactCall, FactField, FactObject } from './facts.ts';
import { objectId } from './names.ts';

/** Two pages that share a name and mean different things, by the page of the second one. */
const apart: Readonly<Record<string, string>> = {
  'Payments@161': 'coupa-pay-payment',
  'Requisitions@262': 'requisition-cart-line',
};

/** One object after pages of the same name are joined. Fields of later pages that the first lacks are added; the others count as merged. */
export interface CoupaObject {
  readonly id: string;
  readonly name: string;
  readonly group: FactObject['group'];
  readonly key: string | null;
  readonly fields: readonly FactField[];
  /** Calls of all its pages, repeats included. */
  readonly calls: readonly FactCall[];
  /** Rows of later pages that repeat a field of an earlier page. */
  readonly mergedFields: number;
}

/** Gives the id of one page's object. */
const idOf = (object: FactObject): string => apart[`${object.name}@${object.page}`] ?? objectId(object.name);

/** A row says more when it has a type; of equals the earlier page wins. */
const better = (one: FactField, other: FactField): FactField =>
  one.type === 'unspecified' && other.type !== 'unspecified' ? other : one;

const join = (one: CoupaObject, other: FactObject): CoupaObject => {
  const fields = new Map(one.fields.map((field) => [field.name, field]));
  let merged = 0;
  for (const field of other.fields) {
    const known = fields.get(field.name);
    if (known) merged += 1;
    fields.set(field.name, known ? better(known, field) : field);
  }
  return {
    ...one,
    fields: [...fields.values()],
    calls: [...one.calls, ...other.actions],
    mergedFields: one.mergedFields + merged,
  };
};

/** Joins the pages into objects, in the order of the facts. */
export function joinObjects(pages: readonly FactObject[]): readonly CoupaObject[] {
  const objects = new Map<string, CoupaObject>();
  for (const page of pages) {
    const id = idOf(page);
    const known = objects.get(id);
    objects.set(
      id,
      known
        ? join(known, page)
        : {
            id,
            name: page.name,
            group: page.group,
            key: page.key,
            fields: page.fields,
            calls: page.actions,
            mergedFields: 0,
          },
    );
  }
  return [...objects.values()];
}
