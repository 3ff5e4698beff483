// Owns reading the UI hints of a schema (`x-widget`, `x-sensitive`, `x-hidden`) into what the form library asks for.
import type { RJSFSchema, UiSchema } from '@rjsf/utils';
import { widgets } from './widgets.tsx';

interface UiOptions {
  readonly storedSecrets?: readonly string[] | undefined;
  /** Names of custom fields that the caller brings. */
  readonly fields?: readonly string[];
}

/** The hints of a schema and of everything below it. A hint that nobody knows is left out: the plain input still works. */
export function uiSchemaOf(schema: RJSFSchema, options: UiOptions = {}): UiSchema {
  const ui: UiSchema = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (typeof property === 'object') ui[name] = uiOfProperty(name, property, options);
  }
  return ui;
}

function uiOfProperty(name: string, property: RJSFSchema, options: UiOptions): UiSchema {
  const widget = property['x-widget'] ?? property['x-suggest'];
  const ui: UiSchema = {};
  if (typeof widget === 'string') {
    if (options.fields?.includes(widget)) ui['ui:field'] = widget;
    else if (Object.hasOwn(widgets, widget)) ui['ui:widget'] = widget;
  }
  if (property['x-sensitive'] === true) {
    ui['ui:widget'] = 'PasswordWidget';
    ui['ui:options'] = { isStored: options.storedSecrets?.includes(name) ?? false };
  }
  if (property.type === 'object') Object.assign(ui, uiSchemaOf(property, options));
  if (typeof property.items === 'object' && !Array.isArray(property.items)) {
    ui.items = uiOfProperty(name, property.items as RJSFSchema, options);
  }
  return ui;
}
