// The Coupa pack without its rate limit, under another name: for measuring, and for many runs in little time.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');

/** Writes the pack into a new folder `folder/pack`, and gives that. Its account types and snaps are called `unlimited.…`. */
export function writeUnlimitedPack(folder: string): string {
  const pack = path.join(folder, 'pack');
  mkdirSync(pack);
  cpSync(path.join(root, 'schemas', 'coupa'), path.join(pack, 'schemas', 'coupa'), { recursive: true });
  const text = readFileSync(path.join(root, 'manifest.json'), 'utf8').replaceAll('"coupa.', '"unlimited.');
  const manifest = JSON.parse(text) as { pack: { name: string }; api: { rateLimit?: unknown } };
  delete manifest.api.rateLimit;
  writeFileSync(
    path.join(pack, 'manifest.json'),
    JSON.stringify({ ...manifest, pack: { ...manifest.pack, name: 'unlimited' } }),
  );
  return pack;
}
