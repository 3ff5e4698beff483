import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, proseOf } from './pages.ts';

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(file: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(file).matchAll(/^#{1,6} (.+)$/gmu)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The links of a page that lead nowhere. */
function brokenLinks(file: string): string[] {
  const text = proseOf(file).replaceAll(/`[^`\n]*`/gu, 'code');
  return [...text.matchAll(/\]\(([^)\s]+)\)/gu)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/u.test(target))
    .filter((target) => {
      const [relative = '', anchor] = target.split('#');
      const found = relative === '' ? file : path.join(path.dirname(file), relative);
      if (!existsSync(found)) return true;
      return anchor !== undefined && !(statSync(found).isFile() && anchorsOf(found).has(anchor));
    });
}

describe('the pages of the repository', () => {
  it('link only to files and headings that are there', () => {
    const broken = pages().flatMap((file) => brokenLinks(file).map((target) => `${file}: ${target}`));
    expect(broken).toEqual([]);
  });

  it('name every guide in the index of the guides, and that in the README', () => {
    const index = readFileSync('docs/guides/README.md', 'utf8');
    const guides = pages('docs/guides').filter((file) => path.basename(file) !== 'README.md');
    expect(guides.length).toBeGreaterThan(5);
    expect(guides.filter((file) => !index.includes(`](${path.basename(file)})`))).toEqual([]);
    expect(readFileSync('README.md', 'utf8').includes('](docs/guides/README.md)')).toBe(true);
  });
});
