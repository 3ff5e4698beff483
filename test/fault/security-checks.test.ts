import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Named {
  readonly file: string;
  readonly test: string;
}

/** Every test that a row of the table names, with its file. */
function namedTests(): Named[] {
  const rows = readFileSync('docs/security-checks.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '));
  return rows.flatMap((row) => {
    let file = '';
    return [...row.matchAll(/`(test\/[^`]+)`|"((?:[^"\\]|\\.)+)"/gu)].flatMap(([, path, name]) => {
      file = path ?? file;
      return name === undefined ? [] : [{ file, test: name.replaceAll('\\"', '"') }];
    });
  });
}

describe('docs/security-checks.md', () => {
  it('names only tests that exist', () => {
    const named = namedTests();
    expect(named.length).toBeGreaterThan(100);
    const missing = named.filter(({ file, test }) => !existsSync(file) || !readFileSync(file, 'utf8').includes(test));
    expect(missing).toEqual([]);
  });

  it('has every row of the list, each with its state', () => {
    const text = readFileSync('docs/security-checks.md', 'utf8');
    const numbers = [...text.matchAll(/^\| ([\d, -]+) \| [^|]+ \| (held|partly|not yet)/gmu)].flatMap(([, cell = '']) =>
      cell.split(',').flatMap((part) => {
        const [from = 0, to = from] = part.split('-').map(Number);
        return Array.from({ length: to - from + 1 }, (_, index) => from + index);
      }),
    );
    expect(numbers.filter((number) => number > 0)).toEqual(Array.from({ length: 93 }, (_, index) => index + 1));
  });
});
