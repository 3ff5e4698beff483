// Owns reading a pack's catalog of resources: keys, calls and record schemas. Schemas are read when first asked for.
import { posix } from 'node:path';
import type { JsonObject } from '../document/json.ts';
import { type Check, compileCheck, type JsonSchema, joinPointer } from '../schema/index.ts';
import type { Resource } from './pack.ts';
import type { PackFiles } from './pack-files.ts';

const callKinds = ['list', 'get', 'create', 'update', 'delete', 'action', 'download', 'upload'];

/** What the catalog must hold; it is generated, so unknown words in it are left alone. */
const catalogSchema: JsonSchema = {
  type: 'array',
  maxItems: 5000,
  items: {
    type: 'object',
    required: ['key', 'title', 'schema', 'group', 'listable', 'naturalKey', 'exportable', 'calls'],
    properties: {
      key: { type: 'string', minLength: 1 },
      title: { type: 'string' },
      schema: { type: 'string', pattern: '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*\\.schema\\.json$' },
      group: { type: 'string' },
      listable: { type: 'boolean' },
      cursorField: { type: ['string', 'null'] },
      naturalKey: { type: ['array', 'null'], items: { type: 'string' } },
      exportable: { type: 'boolean' },
      calls: {
        type: 'array',
        items: {
          type: 'object',
          required: ['id', 'action', 'verb', 'path', 'kind', 'scope', 'scopeSource'],
          properties: {
            id: { type: 'string' },
            action: { type: 'string' },
            verb: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
            path: { type: 'string', pattern: '^/(?!/)[^\\s?#\\\\]*$', not: { pattern: '(^|/)\\.\\.(/|$)' } },
            kind: { enum: callKinds },
            scope: { type: 'string' },
            scopeSource: { enum: ['documented', 'inferred'] },
          },
        },
      },
    },
  },
};

let check: Check | undefined;

export interface Catalog {
  readonly resources: ReadonlyMap<string, Resource>;
  readonly objectSchema: (name: string) => JsonSchema | undefined;
}

/** Reads and checks the catalog; faults go to `files`. Undefined when the catalog cannot be used. */
export function readCatalog(file: string, files: PackFiles): Catalog | undefined {
  const json = files.read(file, '/resources');
  if (json === undefined) return undefined;
  check ??= compileCheck(catalogSchema);
  const faults = check(json);
  if (faults.length > 0) {
    files.faults.push(
      ...faults.map((fault) => ({ pointer: '/resources', message: `${file}${fault.pointer}: ${fault.message}` })),
    );
    return undefined;
  }
  const resources = new Map<string, Resource>();
  for (const [index, resource] of (json as unknown as readonly Resource[]).entries()) {
    if (resources.has(resource.key)) {
      const place = `${file}${joinPointer('', index, 'key')}`;
      files.faults.push({ pointer: '/resources', message: `${place}: the key "${resource.key}" stands here twice` });
    }
    resources.set(resource.key, resource);
  }
  const folder = posix.dirname(file);
  const schemaFolders = new Set([...resources.values()].map((resource) => posix.dirname(resource.schema)));
  const read = new Map<string, JsonSchema | undefined>();
  const objectSchema = (name: string): JsonSchema | undefined => {
    if (!read.has(name)) read.set(name, readFirst(name, { folder, schemaFolders, files }));
    return read.get(name);
  };
  return { resources, objectSchema };
}

interface Places {
  readonly folder: string;
  readonly schemaFolders: ReadonlySet<string>;
  readonly files: PackFiles;
}

function readFirst(name: string, places: Places): JsonSchema | undefined {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return undefined;
  for (const schemaFolder of places.schemaFolders) {
    const schema = places.files.readSchema(
      posix.join(places.folder, schemaFolder, `${name}.schema.json`),
      '/resources',
    );
    if (schema !== undefined) return schema as JsonObject;
  }
  return undefined;
}
