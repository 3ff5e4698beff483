// Says what the loaded packs offer, in the words of the host's contract.
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import { type LoadedAccountType, type LoadedSnap, loadPack, type Pack, type PackRegistry } from '../pack/index.ts';
import { nearestWord } from '../schema/index.ts';
import type { AccountTypeView, Catalog, PackView, ResourceView, SnapView } from './host.ts';
import { packPage } from './pack-page.ts';

const verbs = ['list', 'get', 'create', 'update', 'delete', 'action', 'download', 'upload'] as const;

/** The catalog over a registry. */
export function createCatalog(registry: PackRegistry): Catalog {
  const resources = registry.packs.flatMap((pack) =>
    [...pack.resources.values()].map((resource) => ({ pack, resource })),
  );
  return {
    packs: () => registry.packs.map(packView),
    accountTypes: () => [...registry.accountTypes.values()].flatMap(accountTypeView),
    snaps: () => [...registry.snaps.values()].map(snapView),
    snap: (id) => {
      const snap = registry.snap(id);
      if (snap === undefined) throw notInCatalog('snap', id, registry.snaps.keys());
      return snapDetail(registry.pack(snap.pack), snap);
    },
    resources: () =>
      resources.map(
        ({ pack, resource }): ResourceView => ({
          key: resource.key,
          title: resource.title,
          pack: pack.name,
          listable: resource.listable,
          calls: resource.calls.length,
          verbs: verbs.filter((verb) => resource.calls.some(({ kind }) => kind === verb)),
          actions: [
            ...new Set(resource.calls.filter(({ kind }) => kind === 'action').map(({ action }) => action)),
          ].sort(),
        }),
      ),
    resource: (key) => {
      const found = resources.find((candidate) => candidate.resource.key === key);
      if (found === undefined)
        throw notInCatalog(
          'resource',
          key,
          resources.map((candidate) => candidate.resource.key),
        );
      const { pack, resource } = found;
      return asJson({ ...resource, pack: pack.name, schema: pack.recordSchema(resource) ?? null });
    },
    object: (pack, name) => {
      const schema = registry.pack(pack).objectSchema(name);
      if (schema === undefined) throw notInCatalog('object', name, []);
      return schema;
    },
    checkPack: async (directory) => packView(await loadPack(directory)),
    packPage: async (directory) => {
      const pack = await loadPack(directory);
      return { name: pack.name, page: packPage(pack) };
    },
  };
}

function packView(pack: Pack): PackView {
  const { name, version, title, description } = pack.manifest.pack;
  return { name, version, title, description, snaps: pack.snaps.size, resources: pack.resources.size };
}

function snapView({ id, declaration }: LoadedSnap): SnapView {
  const { title, description, category, accountTypes = [] } = declaration;
  return { id, title, description, category, accountTypes };
}

/** What a form needs: settings, views, and the operators of the filters that its operations take. */
function snapDetail(pack: Pack, snap: LoadedSnap): JsonObject {
  const { views, documentation, preview, operations = [], resourceSetting } = snap.declaration;
  const filters = operations
    .map(({ operation }) => pack.operations.get(operation)?.filters)
    .find((found) => found !== undefined);
  return asJson({
    ...snapView(snap),
    pack: snap.pack,
    views,
    documentation,
    preview,
    resourceSetting,
    settings: snap.settingsSchema,
    operators: Object.entries(filters?.operators ?? {}).map(([name, { title, value, notFor = [] }]) => ({
      name,
      title,
      value,
      notFor,
    })),
  });
}

/** Types whose token is given for one run are no stored accounts. */
function accountTypeView({ id, pack, declaration, settingsSchema }: LoadedAccountType): AccountTypeView[] {
  const { title, description, documentation = null, oauth, token } = declaration;
  if (token !== undefined) return [];
  const grants = [...(oauth?.grants ?? [])];
  return [{ id, title, description, pack, documentation, grants, settings: settingsSchema }];
}

/** Drops what JSON cannot hold (undefined members), so that the value is the same inside and outside the process. */
function asJson(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonValue as JsonObject;
}

/** The error of a name that no loaded pack has, with the known one nearest to it. */
export function notInCatalog(
  kind: 'snap' | 'resource' | 'object',
  name: string,
  known: Iterable<string>,
): ConfigurationError {
  const names = [...known];
  const near = nearestWord(name, names);
  return new ConfigurationError('SNAP_PACK_NOT_FOUND', `No loaded pack has a ${kind} "${name}".`, {
    reason: `${names.length} ${kind}s are known`,
    resolution: near === undefined ? `see "snaps ${kind} list"` : `write "${near}", or see "snaps ${kind} list"`,
  });
}
