// Owns the reference page of a pack: account types, snaps with their settings, resources. Made of the manifest and its schemas only.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { LoadedAccountType, LoadedSnap, Pack, Resource } from '../pack/index.ts';

/** The page in Markdown. */
export function packPage(pack: Pack): string {
  const { title, version, description, documentation } = pack.manifest.pack;
  const sections = [
    `# ${title} (\`${pack.name}\`)`,
    'Generated from the pack by `snaps pack docs`. Do not edit.',
    `${description} Version ${version}.${documentation === undefined ? '' : ` See also ${documentation}.`}`,
    ...titled('## Account types', [...pack.accountTypes.values()].flatMap(accountTypeSection)),
    ...titled('## Snaps', [...pack.snaps.values()].flatMap(snapSection)),
    ...titled('## Resources', resourceTable([...pack.resources.values()])),
  ];
  return `${sections.join('\n\n')}\n`;
}

const titled = (head: string, sections: readonly string[]): string[] =>
  sections.length === 0 ? [] : [head, ...sections];

function accountTypeSection({ id, declaration, settingsSchema }: LoadedAccountType): string[] {
  const grants = declaration.oauth?.grants.join(', ');
  return [
    `### ${declaration.title} (\`${id}\`)`,
    `${declaration.description}${grants === undefined ? '' : ` Grants: ${grants}.`}`,
    ...settingTable(settingsSchema),
  ];
}

function snapSection({ id, declaration, settingsSchema }: LoadedSnap): string[] {
  const { title, description, category, views, preview, accountTypes = [] } = declaration;
  const facts = [
    category,
    `inputs ${span(views.input)}, outputs ${span(views.output)}`,
    preview === 'run' ? 'runs on a preview' : 'skipped on a preview',
    ...(accountTypes.length > 0 ? [`account ${accountTypes.join(' or ')}`] : []),
  ];
  return [`### ${title} (\`${id}\`)`, `${description} (${facts.join('; ')})`, ...settingTable(settingsSchema)];
}

const span = ({ min, max }: { readonly min: number; readonly max: number }): string =>
  min === max ? `${min}` : `${min} to ${max}`;

function settingTable(schema: JsonObject): string[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const rows = Object.entries(asObject(schema.properties)).map(([name, property]) => {
    const setting = asObject(property);
    const words = [
      String(setting.description ?? ''),
      ...(setting.default === undefined ? [] : [`Default: \`${JSON.stringify(setting.default)}\`.`]),
    ];
    return `| \`${name}\`${required.has(name) ? ' (required)' : ''} | ${cell(kindOf(setting))} | ${cell(words.join(' '))} |`;
  });
  return rows.length === 0 ? [] : [['| setting | is | means |', '|---|---|---|', ...rows].join('\n')];
}

function kindOf(setting: JsonObject): string {
  if (Array.isArray(setting.enum)) return setting.enum.map((value: JsonValue) => `\`${String(value)}\``).join(', ');
  const { type = 'any' } = setting;
  return Array.isArray(type) ? type.join(' or ') : String(type);
}

function resourceTable(resources: readonly Resource[]): string[] {
  if (resources.length === 0) return [];
  const rows = resources.map(({ key, title, naturalKey, exportable, calls }) => {
    const kinds = [...new Set(calls.map((call) => call.kind))].join(', ');
    return `| \`${key}\` | ${cell(title)} | ${kinds} | ${(naturalKey ?? []).join(', ')} | ${exportable ? 'yes' : ''} |`;
  });
  return [
    'Fields and scopes of one: `snaps resource show KEY`.',
    ['| resource | title | calls | natural key | exported flag |', '|---|---|---|---|---|', ...rows].join('\n'),
  ];
}

const asObject = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};

/** Text that stays inside one cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/gu, ' ').trim();
