// Owns the cleaning rules of single fields, in the order they apply. Each is a row: what it mends and why; enum-rules.ts has those of values.
import { enumRules } from './enum-rules.ts';
import { type Field, type FieldContext, type Meaning, meaning } from './field.ts';
import * as stated from './meanings.ts';
import { isPlural, kebab, objectId, sharesWord, singular } from './names.ts';

/** One stated rule. `apply` gives the mended field, `'drop'` when the row is no field, or undefined when the rule does not fit. */
export interface Rule {
  readonly id: string;
  readonly does: string;
  readonly why: string;
  readonly apply: (field: Field, context: FieldContext) => Field | 'drop' | undefined;
}

const when = (found: Meaning | undefined, field: Field): Field | undefined => found && meaning(field, found);

/** Finds the object that a field name speaks of: its owner's part first, then the whole name, then the longest end of it. */
function objectNamed(name: string, { owner, objectIds }: FieldContext): string | undefined {
  const one = singular(name);
  const words = one.split('-');
  const ends = words.map((_, index) => words.slice(index).join('-'));
  return [`${owner.id}-${one}`, ...ends.map((end) => objectId(end))].find((id) => objectIds.has(id));
}

/** Rules that a name or a type column calls for, whatever else the row says. */
const rowRules: readonly Rule[] = [
  {
    id: 'artefact',
    does: 'drops rows of a page that describe requests or errors, not elements',
    why: 'the table of elements runs into the next table of the page',
    apply: (field, { owner }) => (stated.artefacts[owner.id]?.includes(field.name) ? 'drop' : undefined),
  },
  {
    id: 'header-row',
    does: 'drops the row `field-name` of type `Data Type`',
    why: 'the head of the table was read as a row',
    apply: (field) => (field.ref === 'Data Type' ? 'drop' : undefined),
  },
  {
    id: 'double-dash',
    does: 'writes one dash where a name has two',
    why: 'a line break inside the table cell',
    apply: (field) => (/--/.test(field.name) ? { ...field, name: kebab(field.name) } : undefined),
  },
  {
    id: 'stated-slip',
    does: 'takes the meaning of the stated table for single fields',
    why: 'the table contradicts what the name can only mean and what other tables say',
    apply: (field, { owner }) => {
      const slip = stated.slips[`${owner.id}.${field.name}`] ?? stated.slips[`*.${field.name}`];
      if (!slip || (field.type === slip.type && (!slip.target || objectId(field.ref ?? '') === slip.target)))
        return undefined;
      return meaning(field, slip);
    },
  },
];

const referenceRules: readonly Rule[] = [
  {
    id: 'sentence-in-reference',
    does: 'keeps the object and drops the sentence after it (`Payment Term Payment term should exist in Coupa.`)',
    why: 'the description ran into the type',
    apply: (field) => {
      const found = /^(.+?) \1 (?:should|must) exist in Coupa\.$/i.exec(field.ref ?? '');
      return found?.[1] ? { ...field, ref: found[1] } : undefined;
    },
  },
  {
    id: 'polymorphic-reference',
    does: 'makes a list of objects of a reference that names several',
    why: 'the record may refer to any of them',
    apply: (field) => {
      const targets = stated.polymorphic[field.ref ?? ''];
      return targets && { ...meaning(field, { type: 'reference' }), targets };
    },
  },
  {
    id: 'type-in-reference',
    does: 'reads a type out of the reference column (`sting(255)`, `tinyint(1)`, `decimal(30,4`)',
    why: 'the type column was taken for the name of an object',
    apply: (field) => {
      const found = stated.typesInReference[field.ref ?? ''];
      const [, first, second] = /\((\d+)(?:,(\d+))?/.exec(field.ref ?? '') ?? [];
      if (!found) return undefined;
      if (found.type === 'string' && first) return { ...meaning(field, found), maxLength: Number(first) };
      return { ...meaning(field, found), ...(second ? { precision: Number(first), scale: Number(second) } : {}) };
    },
  },
  {
    id: 'value-in-reference',
    does: 'forgets a reference that is a value or nothing (`-`, `yes`, `N/A`, `draft`, `USD`, `true`, `any`)',
    why: 'the columns of the row are shifted; the field is typed by the rules below',
    apply: (field) =>
      stated.valuesInReference.has(field.ref ?? '') ? meaning(field, { type: 'unspecified' }) : undefined,
  },
  {
    id: 'id-reference',
    does: 'makes an integer of a reference whose name ends in `-id`',
    why: 'the element is the id itself, not the record',
    apply: (field) =>
      field.ref !== undefined && field.name.endsWith('-id') ? meaning(field, { type: 'integer' }) : undefined,
  },
  {
    id: 'self-reference',
    does: 'forgets a reference to the object that owns the field, unless its name says parent, manager and the like',
    why: 'some tables give the class under documentation as the type of its references',
    apply: (field, { owner }) => {
      const isSelf = field.ref !== undefined && objectId(field.ref) === owner.id;
      const isMeant = stated.trueSelfReferences.has(field.name) || field.name === owner.id;
      return isSelf && !isMeant ? meaning(field, { type: 'unspecified' }) : undefined;
    },
  },
  {
    id: 'contradicted-reference',
    does: 'takes the object of the same field elsewhere when the target has no word in common with the name',
    why: 'shifted rows: `content-groups` refers to `Period`, `currency` to `OrderLineConfirmation`',
    apply: (field, { elsewhere }) => {
      if (field.ref === undefined) return undefined;
      const target = objectId(field.ref);
      const found = elsewhere(field.name);
      if (sharesWord(field.name, target) || !found?.target || found.target === target) return undefined;
      return sharesWord(field.name, found.target) || found.target === 'business-group'
        ? meaning(field, found)
        : undefined;
    },
  },
  {
    id: 'reference-name',
    does: 'gives every spelling of a reference the id of its object (`Users`, `User` and `user`; `Asn/Header`; `Order Line`)',
    why: 'the pages write class names, titles, plurals and old names of one object',
    apply: (field) =>
      field.ref === undefined ? undefined : meaning(field, { type: 'reference', target: objectId(field.ref) }),
  },
];

const unspecified =
  (apply: (field: Field, context: FieldContext) => Field | undefined): Rule['apply'] =>
  (field, context) =>
    field.type === 'unspecified' ? apply(field, context) : undefined;

const untypedRules: readonly Rule[] = [
  {
    id: 'untyped-custom-fields',
    does: 'makes an object of `custom-fields`',
    why: 'custom fields are of any type, by their name',
    apply: (field) =>
      field.name === 'custom-fields' && field.type !== 'object' ? meaning(field, { type: 'object' }) : undefined,
  },
  {
    id: 'untyped-by-name',
    does: 'takes the meaning of the stated table for a field without a type',
    why: 'no other table has the name, or the name is only clear to a reader',
    apply: unspecified((field) => when(stated.byName[field.name], field)),
  },
  {
    id: 'untyped-elsewhere',
    does: 'takes what most other tables say of the same field name',
    why: 'the same name is the same element nearly everywhere',
    apply: unspecified((field, { elsewhere }) => when(elsewhere(field.name), field)),
  },
  {
    id: 'untyped-by-object',
    does: 'makes a reference when the name, or its end, is the name of a documented object',
    why: '`contract-detail` holds a Contract Detail; `tax-detail` of an item holds an Item Tax Detail',
    apply: unspecified((field, context) => {
      const target = objectNamed(field.name, context);
      return target ? meaning(field, { type: 'reference', target }) : undefined;
    }),
  },
  {
    id: 'untyped-by-ending',
    does: 'takes the type that the end of the name calls for (`-number`, `-at`, `-amount`, `-currency`)',
    why: 'endings are used consistently where tables give types',
    apply: unspecified((field) => when(stated.byEnding.find(([ending]) => field.name.endsWith(ending))?.[1], field)),
  },
  {
    id: 'untyped-rest',
    does: 'accepts any value',
    why: 'nothing documented says what it is; a guess would refuse good records',
    apply: unspecified((field) => meaning(field, { type: 'any' })),
  },
  {
    id: 'array-items',
    does: 'types the items of an array by the stated table, by the object its name speaks of, else by any value',
    why: 'the table says only that it is an array',
    apply: (field, context) => {
      if (field.type !== 'array') return undefined;
      const found = stated.byName[field.name];
      const target = objectNamed(field.name, context);
      return meaning(field, { ...(found ?? (target ? { type: 'reference', target } : { type: 'any' })), many: true });
    },
  },
  {
    id: 'plural-reference',
    does: 'makes an array of a reference with a plural name (`invoice-lines`)',
    why: 'the tables do not mark collections',
    apply: (field) =>
      field.type === 'reference' && !field.many && isPlural(field.name) ? { ...field, many: true } : undefined,
  },
];

const serverKept = new Set(['id', 'created-at', 'updated-at', 'created-by', 'updated-by']);

const formRules: readonly Rule[] = [
  {
    id: 'no-direction',
    does: 'returns a field that is marked neither in nor out; it is accepted when required, or when its whole table has no marks',
    why: 'some tables leave the two columns empty; a documented element is at least returned',
    apply: (field, { owner }) => {
      if (field.in || field.out) return undefined;
      const isTableBare = owner.fields.every((row) => !row.in && !row.out);
      const isReadOnly =
        serverKept.has(field.name) || (owner.key !== null && owner.calls.every((call) => call.verb === 'GET'));
      return { ...field, out: true, in: field.required || (isTableBare && !isReadOnly) };
    },
  },
  {
    id: 'conditional-required',
    does: 'does not require a field that has meaning only for some records (cXML settings, weights, a Salesforce id)',
    why: 'the table has no word for *required when*; requiring it always would refuse good records',
    apply: (field, { owner }) => {
      const isConditional = stated.conditional[owner.id]?.some((start) => field.name.startsWith(start));
      return field.required && isConditional ? { ...field, required: false } : undefined;
    },
  },
  {
    id: 'text',
    does: 'makes a string without a bound of `text`',
    why: 'JSON has one kind of text',
    apply: (field) => (field.type === 'text' ? { ...field, type: 'string' } : undefined),
  },
  {
    id: 'date-time',
    does: 'makes a string in ISO 8601 with offset of `datetime`',
    why: 'JSON has no times; the API asks for strict ISO 8601',
    apply: (field) => (field.type === 'datetime' ? { ...field, type: 'date-time' } : undefined),
  },
];

const decimalRule: Rule = {
  id: 'decimal',
  does: 'makes a string of a decimal and keeps its scale',
  why: 'money, rates and quantities must stay exact; binary floating point does not hold them',
  apply: (field) => (field.type === 'decimal' ? { ...field } : undefined),
};

/** All rules of fields, in the order they apply. */
export const fieldRules: readonly Rule[] = [
  ...rowRules,
  ...referenceRules,
  ...untypedRules,
  ...enumRules,
  ...formRules,
  decimalRule,
];
