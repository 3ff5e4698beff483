// Owns choosing a field of the designer for each setting by what its schema says. Nothing here knows a single snap.
import type { RJSFSchema, UiSchema } from '@rjsf/utils';
import type { JsonObject } from '../../../../src/document/json.ts';

const scalars = ['string', 'number', 'integer', 'boolean'];

/** The fields of the settings of a snap. */
export function designerUi(schema: RJSFSchema, leftOut: readonly string[] = []): UiSchema {
  const hidden = { 'ui:widget': 'hidden', 'ui:field': 'leftOut' };
  return { ...uiOfProperties(schema, schema, true), ...Object.fromEntries(leftOut.map((name) => [name, hidden])) };
}

/**
 * Settings that a form leaves out for now: their `x-when` names other settings and the values beside which they mean
 * something. A setting that is filled in stays, so that it can be seen and emptied.
 */
export function settingsLeftOut(schema: RJSFSchema, settings: JsonObject): readonly string[] {
  const properties = schema.properties ?? {};
  const valueNow = (name: string): unknown => {
    const property = properties[name];
    return settings[name] ?? (typeof property === 'object' ? property.default : undefined);
  };
  return Object.entries(properties).flatMap(([name, property]) => {
    const when: unknown = isObject(property) ? property['x-when'] : undefined;
    if (!isObject(when) || settings[name] !== undefined) return [];
    const isLeftOut = Object.entries(when).some(([other, values]) => {
      const value = valueNow(other);
      return value !== undefined && Array.isArray(values) && !values.includes(value);
    });
    return isLeftOut ? [name] : [];
  });
}

function uiOfProperties(schema: RJSFSchema, root: RJSFSchema, isTop: boolean): UiSchema {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      typeof property === 'object' ? [[name, uiOf(resolve(property, root), root, isTop)]] : [],
    ),
  );
}

function uiOf(schema: RJSFSchema, root: RJSFSchema, isTop: boolean): UiSchema {
  const field = fieldFor(schema, root);
  // An expression may stand for the value of a setting unless the schema says that the value is meant literally.
  if (isTop && schema['x-literal'] !== true && isScalar(schema, field)) return { 'ui:field': 'valueOrExpression' };
  if (field !== undefined) return { 'ui:field': field };
  if (schema.type === 'object') return uiOfProperties(schema, root, false);
  if (schema.type === 'array' && isObject(schema.items))
    return { items: uiOf(resolve(schema.items, root), root, false) };
  return {};
}

const isScalar = (schema: RJSFSchema, field: string | undefined): boolean =>
  field === 'scalar' || (field === undefined && typeof schema.type === 'string' && scalars.includes(schema.type));

function fieldFor(schema: RJSFSchema, root: RJSFSchema): string | undefined {
  const isText = schema.type === 'string' || schema.type === undefined;
  if (schema['x-expression'] === true) return 'expression';
  if (schema['x-widget'] === 'field-tree') return 'fieldTree';
  if (isText && isSuggested(schema)) return 'suggested';
  if (schema.type === 'object' && isObject(schema.additionalProperties)) {
    return resolve(schema.additionalProperties, root)['x-expression'] === true ? 'expressionMap' : 'json';
  }
  if (schema.type === 'object') return schema.properties === undefined ? 'json' : undefined;
  if (schema.type === 'array') return fieldForList(schema, root);
  if (typeof schema.type === 'string') return scalars.includes(schema.type) ? undefined : 'json';
  return Array.isArray(schema.type) && schema.type.every((type) => scalars.includes(type)) ? 'scalar' : 'json';
}

function fieldForList(schema: RJSFSchema, root: RJSFSchema): string | undefined {
  if (!isObject(schema.items)) return 'json';
  const items = resolve(schema.items, root);
  const { field, operator } = items.properties ?? {};
  if (isObject(field) && isObject(operator) && operator['x-suggest'] === 'operators') return 'filters';
  if (items.type === 'object') return items.properties === undefined ? 'json' : undefined;
  if (items.type !== 'string' || items.enum !== undefined) return 'json';
  return isSuggested(items) ? 'suggestedTexts' : 'texts';
}

/** A word that the host knows what may stand for; a closed list is shown as the list that it is. */
const isSuggested = (schema: RJSFSchema): boolean =>
  typeof schema['x-suggest'] === 'string' && schema.enum === undefined;

function resolve(schema: RJSFSchema, root: RJSFSchema): RJSFSchema {
  const name = /^#\/definitions\/([^/]+)$/u.exec(schema.$ref ?? '')?.[1];
  const target = name === undefined ? undefined : root.definitions?.[name];
  return isObject(target) ? { ...target, ...schema } : schema;
}

const isObject = (value: unknown): value is RJSFSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
