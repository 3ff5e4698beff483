// Owns reading guides: what a reader pastes, what the guide says comes of it, and comparing that with what came.
import { readFileSync } from 'node:fs';

export interface Fence {
  readonly language: string;
  /** What stands behind the language: the file that a reader saves it as. */
  readonly name: string;
  readonly text: string;
  /** Where it stands in the file, for messages. */
  readonly line: number;
}

export interface Step {
  readonly block: Fence;
  /** The `text` block behind it. */
  readonly promised?: string;
}

/** All fenced blocks of a Markdown file. */
export function fencesOf(file: string): readonly Fence[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/^```(\S*) ?([^\n]*)\n(.*?)^```$/gmsu)].map(
    ({ 1: language = '', 2: name = '', 3: text = '', index }) => ({
      language,
      name,
      text,
      line: source.slice(0, index).split('\n').length,
    }),
  );
}

/** The blocks marked `sh`, each with the `text` that follows it. */
export function stepsOf(file: string): readonly Step[] {
  const fences = fencesOf(file);
  return fences.flatMap((block, index) => {
    if (block.language !== 'sh') return [];
    const next = fences[index + 1];
    return [next?.language === 'text' ? { block, promised: next.text } : { block }];
  });
}

/** Text without what differs from run to run: ids, times, durations and the width of columns. */
function steady(text: string): string[] {
  return text
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gu, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)/gu, 'TIME')
    .replaceAll(/\b\d+(?:\.\d+)? (?:m?s)\b/gu, 'DURATION')
    .replaceAll(/ +/gu, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The first promised line that did not come, in order; undefined when all did. A line `...` stands for any lines. */
export function firstBroken(promised: string, output: string): string | undefined {
  const lines = steady(output);
  let at = 0;
  let mayJump = false;
  for (const line of steady(promised)) {
    if (line === '...') {
      mayJump = true;
      continue;
    }
    const found = mayJump ? lines.indexOf(line, at) : lines[at] === line ? at : -1;
    if (found === -1) return line;
    at = found + 1;
    mayJump = false;
  }
  return mayJump || at === lines.length ? undefined : `nothing more, where there was: ${lines[at]}`;
}
