import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { guidanceOf } from '../../web/src/guidance.ts';

const wordsOf = (advice: string): string =>
  guidanceOf(advice)
    .map((part) => (typeof part === 'string' ? part : `[${part.words}](${part.to.join('/')})`))
    .join('');

/** Steps for whoever keeps the machine or pipelines in files, and for authors of packs: no page does them. */
const kept = /"snaps (?:doctor|serve|key|pack|pipeline lock)\b|"snaps host"/u;

describe('advice on the page', () => {
  it('leads to the page where a step is done instead of naming a command', () => {
    expect(wordsOf('copy the secret, run "snaps account update a.b" with it, then "snaps account authorize a.b"')).toBe(
      'copy the secret, [change account a.b](accounts/a.b) with it, then [authorize account a.b](accounts/a.b)',
    );
    expect(wordsOf('no resource is named "x"; "snaps resource list" shows them')).toBe(
      'no resource is named "x"; [the catalog](catalog) shows them',
    );
    expect(
      wordsOf('say what you found with "snaps runs decide RUN --snap s --write N --done" or "--not-done", and resume'),
    ).toBe('say what you found with "Undecided writes" on the page of the run, and resume');
    expect(wordsOf('run "snaps doctor"')).toBe('run "snaps doctor"');
    expect(wordsOf('')).toBe('');
  });

  it('knows every command that the host and the packs name to a person', () => {
    const root = path.join(import.meta.dirname, '..', '..');
    const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/^(?:commands|simulator|generated)\b/u.test(file))
      .map((file) => path.join('src', file));
    const texts = [...sources, 'manifest.json', 'packs/core/manifest.json', 'packs/servicenow/manifest.json']
      .flatMap((file) => readFileSync(path.join(root, file), 'utf8').replaceAll('\\"', '"').split('\n'))
      .filter((line) => !/^\s*(?:\/\/|\*|\/\*)/u.test(line))
      .flatMap((line) => line.match(/"snaps [a-z][^"]*"/gu) ?? []);
    expect(texts.length).toBeGreaterThan(30);
    const unknown = texts
      .map((text) => text.replaceAll(/\$\{[^}]*\}|\{[a-z]+\}/gu, 'NAME'))
      .filter((text) => !kept.test(text) && wordsOf(text) === text);
    expect(unknown).toEqual([]);
  });
});
