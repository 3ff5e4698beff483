// Owns templates: texts with {placeholders}, the only way in which a pack writes a URL or a parameter. No code, no nesting.

const placeholder = /\{([a-zA-Z][a-zA-Z0-9]*)\}/g;

/** The names of a template's placeholders, in order, each once. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(placeholder)].map((match) => match[1] ?? ''))];
}

/** Fills a template. A placeholder without a value stays as it is written: loading a pack has refused unknown ones. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(placeholder, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  );
}
