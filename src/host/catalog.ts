// Says what the loaded packs offer, in the words of the host's contract.
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import { type LoadedSnap, loadPack, type Pack, type PackRegistry } from '../pack/index.ts';
import { nearestWord } from '../schema/index.ts';
import type { Catalog, PackView, ResourceView, SnapView } from './host.ts';

/** The catalog over a registry. */
export function createCatalog(registry: PackRegistry): Catalog {
  const resources = registry.packs.flatMap((pack) =>
    [...pack.resources.values()].map((resource) => ({ pack, resource })),
  );
  return {
    packs: () => registry.packs.map(packView),
    snaps: () => [...registry.snaps.values()].map(snapView),
    snap: (id) => {
      const snap = registry.snap(id);
      if (snap === undefined) throw unknown('snap', id, [...registry.snaps.keys()]);
      return asJson({ ...snapView(snap), views: snap.declaration.views, settings: snap.settingsSchema });
    },
    resources: () =>
      resources.map(
        ({ pack, resource }): ResourceView => ({
          key: resource.key,
          title: resource.title,
          pack: pack.name,
          listable: resource.listable,
          calls: resource.calls.length,
        }),
      ),
    resource: (key) => {
      const found = resources.find((candidate) => candidate.resource.key === key);
      if (found === undefined)
        throw unknown(
          'resource',
          key,
          resources.map((candidate) => candidate.resource.key),
        );
      const { pack, resource } = found;
      return asJson({ ...resource, pack: pack.name, schema: pack.recordSchema(resource) ?? null });
    },
    checkPack: async (directory) => packView(await loadPack(directory)),
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

/** Drops what JSON cannot hold (undefined members), so that the value is the same inside and outside the process. */
function asJson(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonValue as JsonObject;
}

function unknown(kind: 'snap' | 'resource', name: string, known: readonly string[]): ConfigurationError {
  const near = nearestWord(name, known);
  return new ConfigurationError('SNAP_PACK_NOT_FOUND', `No loaded pack has a ${kind} "${name}".`, {
    reason: `${known.length} ${kind}s are known`,
    resolution: near === undefined ? `see "snaps ${kind} list"` : `write "${near}", or see "snaps ${kind} list"`,
  });
}
