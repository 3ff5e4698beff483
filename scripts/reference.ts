// Owns docs/reference: a page for each pack that ships with this repository, and one for the language they are written in.
import { packPage } from '../src/host/pack-page.ts';
import { discoverPacks, loadPack } from '../src/pack/index.ts';
import { manifestReference } from './manifest-reference.ts';

/** Gives the pages by path. */
export async function generateReference(root: string): Promise<Map<string, string>> {
  const packs = await Promise.all(discoverPacks({ root }).map(loadPack));
  const pages = packs.map((pack) => [`docs/reference/${pack.name}.md`, packPage(pack)] as const);
  return new Map([...pages, await manifestReference(root)]);
}
