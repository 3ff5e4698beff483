// Owns what actions do beyond changing the record they are about: copies, adjustments, alerts, exports of other records.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { addDecimals } from '../decimal.ts';
import { problem } from '../query/problem.ts';
import { objectOfDocument } from '../records/document-types.ts';
import type { Entity, Value } from '../records/entity.ts';
import { markOf, parentMark } from '../records/families.ts';
import { lifecycles, stateField } from '../records/lifecycles.ts';
import { put } from './approving.ts';
import type { Desk, Effect } from './rule.ts';

/** Makes a record with these values and gives it. */
export function make(desk: Desk, object: string, values: Readonly<Record<string, Value | (() => Value)>>): Entity {
  const collection = desk.collectionOf(object);
  const { fields } = collection.type.facts;
  const initial = lifecycles[object]?.initial;
  const given: Readonly<Record<string, Value | (() => Value)>> = {
    'created-at': desk.at,
    'updated-at': desk.at,
    ...(initial ? { [stateField(fields)]: initial } : {}),
    ...values,
  };
  const id = collection.add(
    (made) =>
      new Map<string, () => Value>([
        ['id', () => made],
        ...Object.entries(given).map(
          ([name, value]) => [name, typeof value === 'function' ? value : () => value] as const,
        ),
      ]),
  );
  const entity = collection.read(id);
  if (!entity) throw new RangeError(`${object} ${id} was not made`);
  return entity;
}

/** Makes another record like this one; unique names get the new id behind them. */
export const copyRecord: Effect = (desk, entity) => {
  const copied: Record<string, Value | (() => Value)> = {};
  const { fields } = entity.type.facts;
  for (const { name, kind, isUnique } of fields.values()) {
    if (['id', 'created-at', 'updated-at', stateField(fields)].includes(name)) continue;
    const names = isUnique || name === 'name' || name === 'code';
    const value = entity.value(name);
    copied[name] =
      names && kind === 'string' && typeof value === 'string'
        ? `${value} ${desk.collection.nextId}`
        : () => entity.value(name);
  }
  return make(desk, entity.type.name, copied);
};

const amountOf = (input: JsonObject): string => {
  const inner = input['budget-line-adjustment'] ?? input.budget_line_adjustment;
  const given = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : input;
  const amount: JsonValue = given['adjustment-amount'] ?? given.adjustment_amount ?? given.amount ?? null;
  if (amount === null || !/^-?\d+(?:\.\d+)?$/u.test(String(amount))) throw problem(422, 'is not a number', 'amount');
  return String(amount);
};

/** Moves a budget line by an amount. Each call makes one more adjustment: doing it twice moves the line twice. */
export const adjustBudget: Effect = (desk, line, input) => {
  const amount = amountOf(input);
  const remaining = addDecimals(String(line.value('remaining-budget') ?? line.value('remaining') ?? '0.00'), amount);
  put(desk, line, {
    amount: addDecimals(String(line.value('amount') ?? '0.00'), amount),
    remaining,
    'remaining-budget': remaining,
  });
  const { id } = line;
  make(desk, 'budget-line-adjustment', {
    'adjustment-amount': amount,
    amount,
    'budget-remaining': remaining,
    description: typeof input.description === 'string' ? input.description : null,
    reason: typeof input.reason === 'string' ? input.reason : null,
    'budget-line': () => desk.collectionOf('budget-line').read(id) ?? null,
    'custom-fields': {},
    [parentMark]: markOf(line),
  });
  return undefined;
};

/** Marks the document that a history record is about as exported. */
export const markDocument: Effect = (desk, record) => {
  const document = desk
    .collectionOf(objectOfDocument(String(record.value('document-type'))))
    .read(Number(record.value('document-id')));
  if (!document?.type.facts.fields.has('exported')) {
    desk.collection.delete(record.id);
    throw problem(422, 'names no document that can be exported', 'document_id');
  }
  put(desk, document, { exported: true, 'last-exported-at': desk.at });
  return undefined;
};

/** Makes the advance ship notice that an invoice stands for, and answers it. */
export const flipToNotice: Effect = (desk, invoice) =>
  make(desk, 'advance-ship-notice', {
    'asn-number': `ASN-${String(invoice.value('invoice-number') ?? invoice.id)}`,
    supplier: () => invoice.value('supplier'),
    'ship-date': desk.at,
    lines: [],
    'custom-fields': {},
  });

/** Adds or takes away an attendee of an expense line; the path names them. */
export const changeAttendees =
  (isAdded: boolean): Effect =>
  (desk, line, input) => {
    const attendee = Number(input['expense-attendee-id'] ?? 0);
    const known = line.value('@attendees');
    const ids = Array.isArray(known) ? (known as readonly JsonValue[]).filter((id) => id !== attendee) : [];
    if (!isAdded && ids.length === (Array.isArray(known) ? known.length : 0))
      throw problem(404, 'no such attendee of this line');
    put(desk, line, { '@attendees': isAdded ? [...ids, attendee] : ids });
    const last = desk.collectionOf('expense-attendee');
    desk.collection.change(
      line.id,
      new Map([['expense-attendee', () => (isAdded ? last.read(attendee) : undefined) ?? null]]),
    );
    return undefined;
  };
