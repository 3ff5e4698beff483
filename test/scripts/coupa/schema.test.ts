import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/document/json.ts';
import { createAjv } from '../../../src/schema/check.ts';

const folder = new URL('../../../schemas/coupa/objects/', import.meta.url);
interface ObjectSchema extends JsonObject {
  readonly $id: string;
  readonly properties: Readonly<Record<string, JsonObject>>;
}
const files = readdirSync(folder);
const schemas = files.map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as ObjectSchema);
const marks = ['x-in', 'x-out', 'x-required', 'x-unique', 'x-precision', 'x-scale', 'x-ref', 'x-refs'];

const ajv = createAjv(schemas);
const pointers = (object: string, value: unknown): readonly string[] => {
  const validate = ajv.getSchema(`coupa/objects/${object}`);
  if (!validate) throw new Error(`no schema ${object}`);
  return validate(value) ? [] : [...new Set(validate.errors?.map(({ instancePath }) => instancePath))];
};

describe('object schemas', () => {
  it('compile in strict mode with the annotations of the host, all of them', () => {
    expect(schemas).toHaveLength(231);
    for (const { $id } of schemas) expect(ajv.getSchema($id), $id).toBeTypeOf('function');
  });

  it('are named after their file', () => {
    expect(schemas.map(({ $id }) => $id)).toEqual(
      files.map((name) => `coupa/objects/${name.replace('.schema.json', '')}`),
    );
  });

  it('hold only the stated words', () => {
    const words = new Set(schemas.flatMap(({ properties }) => Object.values(properties).flatMap(Object.keys)));
    const known = [...marks, 'type', 'format', 'maxLength', 'enum', 'items', '$ref', 'anyOf', 'additionalProperties'];
    expect([...words].filter((word) => !known.includes(word))).toEqual([]);
  });

  it('do not contain themselves', () => {
    const inside = new Map(
      schemas.map(({ $id, properties }) => {
        const refs = JSON.stringify(properties).matchAll(/"\$ref":"([^"#]+)"/g);
        return [$id, [...refs].map(([, ref]) => `coupa/objects/${ref}`)] as const;
      }),
    );
    const reach = (id: string, path: readonly string[]): void => {
      expect(path).not.toContain(id);
      for (const next of inside.get(id) ?? []) reach(next, [...path, id]);
    };
    for (const { $id } of schemas) reach($id, []);
  });

  it('accept a record as the API answers it, unknown and custom fields included', () => {
    const invoice = {
      id: 7,
      'invoice-number': 'INV-7',
      status: 'approved',
      'gross-total': '120.5000',
      'created-at': '2026-01-02T03:04:05+00:00',
      currency: { id: 1, code: 'EUR' },
      supplier: { id: 4, name: 'Acme', number: '44', 'some-new-field': true },
      'payment-term': null,
      'invoice-lines': [{ id: 70, price: '12.05', account: { id: 3, code: '10-20' } }],
      'custom-fields': { erp: { id: 9 } },
      'field-of-tomorrow': [1],
    };
    expect(pointers('invoice', invoice)).toEqual([]);
  });

  it('refuse what the documentation rules out, each fault with its place', () => {
    const invoice = {
      'invoice-number': 5,
      status: 'no such status',
      'gross-total': 120.5,
      'created-at': 'yesterday',
      'invoice-lines': [{ price: '12,05' }],
    };
    const found = pointers('invoice', invoice);
    expect(found).toEqual(
      expect.arrayContaining(['/invoice-number', '/status', '/gross-total', '/created-at', '/invoice-lines/0/price']),
    );
    expect(found).toHaveLength(5);
  });

  it('name the three invoice statuses that the table writes as one', () => {
    const status = schemas.find(({ $id }) => $id === 'coupa/objects/invoice')?.properties.status?.enum;
    expect(status).toEqual(expect.arrayContaining(['abandoned', 'disputed', 'pending_approval', null]));
  });
});
