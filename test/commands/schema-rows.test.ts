import { describe, expect, it } from 'vitest';
import { schemaLines } from '../../src/commands/schema-rows.ts';

describe('the fields of a schema, in words', () => {
  it('names a format, a reference, a list of references and allowed values rather than the bare JSON type', () => {
    const lines = schemaLines({
      properties: {
        total: { type: ['string', 'null'], format: 'decimal', 'x-in': false },
        supplier: { anyOf: [{ type: 'null' }], 'x-ref': 'supplier', 'x-required': true },
        lines: { type: 'array', 'x-ref': 'invoice-line' },
        status: { type: ['string', 'null'], enum: ['draft', 'approved', null] },
        note: { type: ['string', 'null'], maxLength: 40 },
      },
    });
    expect(lines).toEqual([
      'FIELD     MARKS      TYPE',
      'total     read-only  decimal',
      'supplier  required   supplier',
      'lines                list of invoice-line',
      'status               string: draft | approved',
      'note                 string, at most 40',
    ]);
  });

  it('adds what each field means where the schema says it', () => {
    expect(
      schemaLines({ required: ['limit'], properties: { limit: { type: 'integer', description: 'The most.' } } }),
    ).toEqual(['FIELD  MARKS     TYPE     MEANING', 'limit  required  integer  The most.']);
  });
});
