// Owns the reference pages of the packs that ship with this repository: docs/reference, one page a pack.
import { packPage } from '../src/host/pack-page.ts';
import { discoverPacks, loadPack } from '../src/pack/index.ts';

/** Gives the pages by path. */
export async function generateReference(root: string): Promise<Map<string, string>> {
  const packs = await Promise.all(discoverPacks({ root }).map(loadPack));
  return new Map(packs.map((pack) => [`docs/reference/${pack.name}.md`, packPage(pack)]));
}
