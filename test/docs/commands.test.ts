import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BaseCommand } from '../../src/commands/base-command.ts';
import { commands } from '../../src/commands/index.ts';
import { fencesOf } from './guide.ts';
import { pages, proseOf } from './pages.ts';

const known = new Map<string, readonly string[]>(
  Object.entries(commands).map(([id, { flags = {} }]) => [
    id,
    [...Object.keys(flags), ...Object.keys(BaseCommand.baseFlags), 'json', 'help'],
  ]),
);
const topics = new Set([...known.keys()].map((id) => id.split(':')[0]));

/** Every command line that a page names: in its blocks for a shell, and between backticks. */
function commandLines(file: string): string[] {
  const blocks = fencesOf(file).filter(({ language }) => ['sh', 'console', 'ini', ''].includes(language));
  const lines = blocks.flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'));
  const inline = [...proseOf(file).matchAll(/`([^`\n]+)`/gu)].map(([, code = '']) => code);
  return [...lines, ...inline].flatMap((line) => {
    const found = /(?:^|[\s$(])snaps ((?:[a-z]|--).*)/u.exec(line.replace(/\s#\s.*/u, ''));
    return found?.[1] === undefined ? [] : [found[1]];
  });
}

/** What is wrong with a command line; several verbs may share one: "runs list / show RUN, runs cancel". */
function faultsOf(line: string): string[] {
  return line.split(/, (?:snaps )?|; | \| (?:snaps )?/u).flatMap((part) => {
    const [first = '', ...rest] = part.split(/\s+/u);
    if (!topics.has(first)) return part === line ? [`no command ${first}`] : [];
    const flags = rest.filter((word) => word.startsWith('--')).map((word) => word.slice(2).replace(/[=:].*/u, ''));
    const verbs = [...part.matchAll(/(?:^\S+| \/) ([a-z][a-z-]*)/gu)].map(([, verb = '']) => verb);
    const ids = known.has(first) ? [first] : verbs.map((verb) => `${first}:${verb}`);
    return [
      ...ids.filter((id) => !known.has(id)).map((id) => `no command ${id}`),
      ...flags.filter((flag) => !ids.some((id) => known.get(id)?.includes(flag))).map((flag) => `no flag --${flag}`),
    ];
  });
}

describe('the commands that pages name', () => {
  it('exist, with the flags that are named', () => {
    const named = pages().flatMap((file) => commandLines(file).map((line) => ({ file, line })));
    expect(named.length).toBeGreaterThan(100);
    const wrong = named.flatMap(({ file, line }) =>
      faultsOf(line).map((fault) => `${file}: ${fault} in: snaps ${line}`),
    );
    expect(wrong).toEqual([]);
  });

  it('would be found wrong if they were', () => {
    expect(faultsOf('runs list / shwo RUN')).toEqual(['no command runs:shwo']);
    expect(faultsOf('run FILE --previw 3')).toEqual(['no flag --previw']);
    expect(faultsOf('accounts list')).toEqual(['no command accounts']);
  });

  it('are all in the table of the README', () => {
    const table = readFileSync('README.md', 'utf8');
    const missing = [...known.keys()].filter((id) => {
      const [topic = '', verb] = id.split(':');
      return !table.split('\n').some((line) => line.startsWith('| `snaps') && words(line, topic, verb));
    });
    expect(missing).toEqual([]);
  });
});

const words = (line: string, topic: string, verb: string | undefined): boolean =>
  new RegExp(`\\bsnaps ${topic}\\b${verb === undefined ? '' : `[^\`]*\\b${verb}\\b`}`, 'u').test(line);
