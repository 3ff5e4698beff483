// Owns the cleaning rules of documented values. A list that cannot be trusted is dropped: a wrong enum refuses good records.
import type { Field } from './field.ts';
import type { Rule } from './field-rules.ts';

const isWord = (value: string | number): boolean => typeof value === 'string' && /^[a-z_]+$/.test(value);

const withoutValues = (field: Field): Field => {
  const { values: _, ...rest } = field;
  return rest;
};

/** Splits one cell that holds several values: `abandoned. disputed. pending_approval`, or three and more plain words. */
const splitValue = (value: string | number): readonly (string | number)[] => {
  const parts = String(value).split(/\.\s+|\s+/);
  const isList = /\.\s/.test(String(value)) || parts.length > 2;
  return isList && parts.every(isWord) ? parts : [value];
};

/** Rules of values, in the order they apply. */
export const enumRules: readonly Rule[] = [
  {
    id: 'boolean-values',
    does: 'drops the values of a boolean (`Yes/No`, `true`, `no true`)',
    why: 'JSON has true and false; the words are how forms and CSV write them',
    apply: (field) => (field.values && field.type === 'boolean' ? withoutValues(field) : undefined),
  },
  {
    id: 'prose-values',
    does: 'drops the values of a free text',
    why: 'they are the description of the element, cut at a comma',
    apply: (field) => (field.values && field.type === 'text' ? withoutValues(field) : undefined),
  },
  {
    id: 'joined-values',
    does: 'splits a value that is several (`abandoned. disputed. pending_approval`, `approved ordered partially_received`)',
    why: 'a full stop or a space stands where the list has commas',
    apply: (field) => {
      const values = field.values?.flatMap(splitValue);
      return values && values.length !== field.values?.length ? { ...field, values } : undefined;
    },
  },
  {
    id: 'repeated-values',
    does: 'keeps a repeated value once',
    why: 'the list is written twice, or a value is',
    apply: (field) => {
      const values = field.values && [...new Set(field.values)];
      return values && values.length !== field.values?.length ? { ...field, values } : undefined;
    },
  },
  {
    id: 'numeric-values',
    does: 'makes numbers of the values of an integer (`"0"`, `"1"`)',
    why: 'a JSON integer is no string',
    apply: (field) =>
      field.type === 'integer' && field.values?.every((value) => /^\d+$/.test(String(value)))
        ? { ...field, values: field.values.map(Number) }
        : undefined,
  },
  {
    id: 'word-values',
    does: 'makes a string of an integer whose values are words (`our_paper`, `envelope1_unsealed`)',
    why: 'the type is that of the database column; the API speaks the words',
    apply: (field) =>
      field.type === 'integer' && field.values?.every((value) => /^[a-z][a-z0-9_]*$/.test(String(value)))
        ? { ...field, type: 'string' }
        : undefined,
  },
];
