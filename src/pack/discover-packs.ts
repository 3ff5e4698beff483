// Owns where packs are found: a folder's own manifest.json, its packs/ folder, npm packages that name one, and --pack DIR.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { readJsonFile } from '../schema/index.ts';

export interface PackPlaces {
  /** The product's folder: its manifest.json and its packs/. */
  readonly root: string;
  /** Folders that the operator names; each must hold a manifest.json. */
  readonly named?: readonly string[];
  /** A node_modules folder whose packages may say "snapPack" in package.json. */
  readonly modules?: string;
}

const packsMax = 200;

/** The folders of all packs in a steady order, each once, ready for `loadPack`. Named folders are given even when empty, so that loading tells. */
export function discoverPacks(places: PackPlaces): string[] {
  const inPacks = join(places.root, 'packs');
  const found = [
    places.root,
    ...(existsSync(inPacks) ? folders(inPacks).map((name) => join(inPacks, name)) : []),
    ...(places.modules !== undefined && existsSync(places.modules) ? installed(places.modules) : []),
  ].filter((folder) => existsSync(join(folder, 'manifest.json')));
  const all = [...found, ...(places.named ?? [])].map((folder) => resolve(folder));
  return [...new Set(all)].slice(0, packsMax);
}

function folders(parent: string): string[] {
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => entry.name)
    .sort();
}

function installed(modules: string): string[] {
  const names = folders(modules).flatMap((name) =>
    name.startsWith('@') ? folders(join(modules, name)).map((inner) => join(name, inner)) : [name],
  );
  return names.flatMap((name) => {
    const file = join(modules, name, 'package.json');
    // Hundreds of packages stand here; the few that are packs say so in their text, and only those are parsed.
    if (!existsSync(file) || !readFileSync(file, 'utf8').includes('"snapPack"')) return [];
    const snapPack = asObject(readJsonFile(file, { code: 'SNAP_PACK_INVALID', name: file })).snapPack;
    return typeof snapPack === 'string' ? [dirname(join(modules, name, snapPack))] : [];
  });
}

const asObject = (value: JsonValue): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};
