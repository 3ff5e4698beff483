// Owns ajv: set up once (draft-07, all errors, strict), its errors turned into ours. No ajv error leaves this folder.
import { Ajv, type AnySchemaObject } from 'ajv';
import addFormats from 'ajv-formats';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import { faultsOf } from './faults.ts';

export type JsonSchema = JsonObject;

/** Checks a value and gives every fault at once; an empty list means sound. */
export type Check = (value: JsonValue) => Fault[];

/**
 * The annotations that schemas here carry beside draft-07's words. For forms: x-widget, x-suggest, x-literal (an
 * expression cannot stand here), x-expression (the text itself is an expression over the document), x-sensitive (sealed,
 * never echoed), x-when (a form shows the field only beside these values of other settings). For records: x-in and x-out (accepted on write,
 * returned on read), x-required (needed to create), x-ref (the object it refers to), x-refs (all of them, when it may be
 * one of several), x-precision, x-scale, x-unique.
 */
export const schemaVocabulary: readonly string[] = [
  'x-widget',
  'x-suggest',
  'x-literal',
  'x-expression',
  'x-sensitive',
  'x-when',
  'x-in',
  'x-out',
  'x-required',
  'x-ref',
  'x-refs',
  'x-precision',
  'x-scale',
  'x-unique',
];

/** A number written as text, so that money keeps its digits. */
export const decimalPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/** Makes an ajv that knows our formats and annotations; `related` are schemas that others refer to by $id. */
export function createAjv(related: readonly JsonSchema[] = []): Ajv {
  const ajv = new Ajv({
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
    verbose: true,
    messages: false,
    // Polishing the compiled code takes as long again as making it, and no check here runs often enough to earn that back.
    code: { optimize: false },
    // Schemas are checked in and held by tests; compiling their meta-schema first would cost every start of the host.
    validateSchema: false,
  });
  // ajv-formats is CommonJS whose default export Node gives as the module itself.
  (addFormats as unknown as { default: (ajv: Ajv) => void }).default(ajv);
  ajv.addFormat('decimal', decimalPattern);
  ajv.addVocabulary([...schemaVocabulary]);
  for (const schema of related) ajv.addSchema(schema as AnySchemaObject);
  return ajv;
}

/** Compiles one schema. Faults name the exact place and what is valid there. */
export function compileCheck(schema: JsonSchema, related: readonly JsonSchema[] = []): Check {
  const validate = createAjv(related).compile(schema as AnySchemaObject);
  return (value) => (validate(value) ? [] : faultsOf(validate.errors ?? []));
}
