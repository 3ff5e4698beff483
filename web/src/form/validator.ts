// Owns checking forms without generated code: the page's content security policy forbids eval, so ajv cannot work here.
import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import {
  type ErrorTransformer,
  type RJSFSchema,
  type RJSFValidationError,
  toErrorSchema,
  type UiSchema,
  type ValidationData,
  type ValidatorType,
} from '@rjsf/utils';

/** Keywords that only say that something below them is wrong; what is below says it better. */
const containers = new Set([
  'properties',
  'items',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'then',
  'else',
  '$ref',
  'additionalProperties',
  'false',
]);

class FormValidator implements ValidatorType {
  validateFormData(
    formData: unknown,
    schema: RJSFSchema,
    _customValidate?: unknown,
    transformErrors?: ErrorTransformer,
    uiSchema?: UiSchema,
  ): ValidationData<unknown> {
    const found = this.rawValidation<OutputUnit>(schema, formData).errors?.map(toError) ?? [];
    const errors = transformErrors === undefined ? found : transformErrors(found, uiSchema);
    return { errors, errorSchema: toErrorSchema(errors) };
  }

  isValid(schema: RJSFSchema, formData: unknown, rootSchema: RJSFSchema): boolean {
    const { definitions, $defs } = rootSchema;
    const whole = { ...(definitions ? { definitions } : {}), ...($defs ? { $defs } : {}), ...schema };
    return new Validator(whole as Schema, '7', true).validate(withoutUndefined(formData)).valid;
  }

  rawValidation<Result = OutputUnit>(schema: RJSFSchema, formData?: unknown): { errors?: Result[] } {
    const { errors } = new Validator(schema as Schema, '7', false).validate(withoutUndefined(formData));
    return { errors: errors.filter((unit) => !containers.has(unit.keyword)) as unknown as Result[] };
  }
}

/** The validator of every form. */
export const formValidator: ValidatorType = new FormValidator();

/** A JSON validator knows no undefined: a field that was emptied is a field that is absent. */
function withoutUndefined(value: unknown): unknown {
  return value === undefined ? {} : JSON.parse(JSON.stringify(value));
}

function toError(unit: OutputUnit): RJSFValidationError {
  const segments = unit.instanceLocation.split('/').slice(1).map(decodePointer);
  const missing = unit.keyword === 'required' ? /"(.+)"/u.exec(unit.error)?.[1] : undefined;
  const place = missing === undefined ? segments : [...segments, missing];
  return {
    name: unit.keyword,
    property: place.map((segment) => `.${segment}`).join(''),
    message: missing === undefined ? plainWords(unit) : 'is needed',
    stack: unit.error,
    schemaPath: unit.keywordLocation,
  };
}

function plainWords(unit: OutputUnit): string {
  if (unit.keyword === 'pattern') return 'does not have the right form';
  if (unit.keyword === 'minLength' || unit.keyword === 'minItems') return 'is too short';
  return unit.error.replace(/^Instance /u, '').replace(/\.$/u, '');
}

const decodePointer = (segment: string): string =>
  decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
