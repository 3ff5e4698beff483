// The process that evaluates expressions. It holds nothing but programs and the texts it is sent, and may be killed any time.
import { writeSync } from 'node:fs';
import jsonata from 'jsonata';
import { parseExact } from '../document/exact-json.ts';
import type { Answer, Outcome, Program, Work } from './protocol.ts';
import { bindRootNames, parseSyntax } from './syntax.ts';

/** Larger results are refused: they would only be cut off by a bound further on. */
const resultCharactersMax = 16 * 1024 * 1024;
const messageCharactersMax = 500;

/** JSONata's code for its own deadline. */
const timeoutCode = 'D1012';

type Evaluate = (input: unknown) => Promise<unknown>;

/** The pipe that tells, by one byte a task, which task is under way: it is written at once, even by a task that never ends. */
const progressDescriptor = 4;
const taskBegins = Uint8Array.of(1);
const programs = new Map<number, Evaluate>();
const formatMillis = jsonata('$fromMillis($millis, $picture, $timezone)');

process.on('disconnect', () => process.exit());
process.on('message', async ({ programs: added, texts, tasks, deadlineMs }: Work) => {
  for (const program of added) programs.set(program.id, prepare(program, deadlineMs));
  const outcomes: Outcome[] = [];
  let parsedIndex = -1;
  let parsed: unknown;
  for (const [programId, textIndex] of tasks) {
    writeSync(progressDescriptor, taskBegins);
    if (textIndex !== parsedIndex) {
      parsed = textIndex === -1 ? undefined : parseExact(texts[textIndex] as string);
      parsedIndex = textIndex;
    }
    outcomes.push(await evaluate(programs.get(programId) as Evaluate, parsed));
  }
  process.send?.({ outcomes } satisfies Answer);
});

function prepare({ source, rootNames, bindings }: Program, deadlineMs: number): Evaluate {
  // JSONata's own deadline ends most endless expressions with a word; it does not see into one long function or regex.
  const syntax = parseSyntax(source, deadlineMs);
  if (typeof syntax === 'string') throw new Error(syntax);
  bindRootNames(syntax.tree, rootNames);
  // The clock of a run stands still, so that a resumed run computes what an undisturbed one would have.
  const startedAtMs = Date.parse(bindings.run.startedAt);
  syntax.expression.registerFunction('millis', () => startedAtMs, '<:n>');
  syntax.expression.registerFunction(
    'now',
    (picture?: string, timezone?: string) => formatMillis.evaluate(null, { millis: startedAtMs, picture, timezone }),
    '<s?s?:s>',
  );
  return (input) => syntax.expression.evaluate(input, { ...bindings });
}

async function evaluate(program: Evaluate, input: unknown): Promise<Outcome> {
  try {
    const text = JSON.stringify(await program(input)) as string | undefined;
    if (text === undefined) return {};
    if (text.length > resultCharactersMax)
      return { error: `its result is larger than ${resultCharactersMax} characters` };
    return { text };
  } catch (thrown) {
    const { code, message } = thrown as { code?: string; message?: string };
    if (code === timeoutCode) return { isTimeout: true };
    const words = [code, message ?? String(thrown)].filter((part) => part !== undefined).join(': ');
    return { error: words.slice(0, messageCharactersMax) };
  }
}
