// Owns the Markdown pages of the repository: which there are, and their text without what stands in code.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const notOurs = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** Every Markdown file, relative to the repository. */
export function pages(folder = '.'): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !notOurs.has(name))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return pages(file);
      return entry.name.endsWith('.md') ? [file] : [];
    });
}

/** The text of a page with its fenced blocks left out. */
export const proseOf = (file: string): string => readFileSync(file, 'utf8').replaceAll(/^```.*?^```$/gmsu, '');
