// Owns docs/reference/manifest.md: every word of the manifest language, read from its schema.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

interface Node {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly required?: readonly string[];
  readonly definitions?: Readonly<Record<string, Node>>;
}

/** Gives the page by its path. */
export async function manifestReference(root: string): Promise<readonly [string, string]> {
  const file = path.join(root, 'schemas/host/manifest.schema.json');
  const schema = JSON.parse(await readFile(file, 'utf8')) as Node;
  const definitions = schema.definitions ?? {};
  const sections = [
    '# Words of the manifest',
    'Generated from `schemas/host/manifest.schema.json` by `npm run generate`. Do not edit. [Writing a pack](../packs.md) tells how they are used.',
    ...section('manifest.json', schema, definitions),
    ...placesIn(schema, definitions).flatMap((name) => section(name, definitions[name] ?? {}, definitions)),
  ];
  return ['docs/reference/manifest.md', `${sections.join('\n\n')}\n`];
}

const nameOf = (node: Node): string | undefined => node.$ref?.slice('#/definitions/'.length);

/** The definitions with words of their own, in the order in which a reader meets them. */
function placesIn(schema: Node, definitions: Readonly<Record<string, Node>>): string[] {
  const found = new Set<string>();
  const look = (node: Node): void => {
    const inner = typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
    for (const next of [...Object.values(node.properties ?? {}), ...(node.items ? [node.items] : []), ...inner]) {
      const name = nameOf(next);
      if (name === undefined) look(next);
      else if (definitions[name]?.properties && !found.has(name)) {
        found.add(name);
        look(definitions[name]);
      }
    }
  };
  look(schema);
  return [...found];
}

function section(title: string, node: Node, definitions: Readonly<Record<string, Node>>): string[] {
  const rows = Object.entries(node.properties ?? {}).map(([name, property]) => {
    const meaning = property.description ?? definitions[nameOf(property) ?? '']?.description ?? '';
    const word = `\`${name}\`${node.required?.includes(name) ? ' (required)' : ''}`;
    return `| ${word} | ${kindOf(property, definitions)} | ${cell(meaning)} |`;
  });
  return [`## ${title}`, node.description ?? '', ['| word | is | means |', '|---|---|---|', ...rows].join('\n')];
}

function kindOf(node: Node, definitions: Readonly<Record<string, Node>>): string {
  const name = nameOf(node);
  const target = name === undefined ? undefined : definitions[name];
  if (target?.properties) return `[${name}](#${name?.toLowerCase()})`;
  if (target) return kindNames[name ?? ''] ?? kindOf(target, definitions);
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node.items) return `list of ${kindOf(node.items, definitions)}`;
  if (typeof node.additionalProperties === 'object')
    return `by name: ${kindOf(node.additionalProperties, definitions)}`;
  return node.type ?? 'any';
}

/** What people call a text of a certain form. */
const kindNames: Readonly<Record<string, string>> = {
  settingName: 'name of a setting',
  identifier: 'id, `PACK.name`',
  file: 'file of the pack',
  hostTemplate: 'URL, `{host}/...`',
  template: 'text with `{placeholders}`',
  webAddress: 'https URL',
  pageQuery: 'by name: text with `{placeholders}`',
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/gu, ' ').trim();
