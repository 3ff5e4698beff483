// Owns bringing the bytes of a file into UTF-8. Bytes that are no text of the encoding end the reading, named by their line.
import { FileFault } from './file-record.ts';

/**
 * Pieces in UTF-8, whatever `encoding` they were in. UTF-16 with its byte order mark is known without being named. Text that is
 * meant to be UTF-8 and whose reader checks that by itself (`isChecked`) passes as it is: decoding it twice would cost as much as reading.
 */
export async function* toUtf8(
  pieces: AsyncIterable<Buffer>,
  { encoding, isChecked }: { readonly encoding: string | undefined; readonly isChecked: boolean },
): AsyncGenerator<Buffer> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let line = 1;
  for await (const piece of pieces) {
    decoder ??= new TextDecoder(encoding ?? guess(piece), { fatal: true });
    if (isChecked && decoder.encoding === 'utf-8') {
      yield piece;
      continue;
    }
    const before = decoder;
    const text = decode(() => before.decode(piece, { stream: true }), { line, encoding: before.encoding });
    line += linesIn(text);
    if (text !== '') yield Buffer.from(text);
  }
  const last = decoder;
  if (last !== undefined) decode(() => last.decode(), { line, encoding: last.encoding });
}

function guess(piece: Buffer): string {
  if (piece[0] === 0xff && piece[1] === 0xfe) return 'utf-16le';
  return piece[0] === 0xfe && piece[1] === 0xff ? 'utf-16be' : 'utf-8';
}

function decode(work: () => string, { line, encoding }: { line: number; encoding: string }): string {
  try {
    return work();
  } catch {
    throw new FileFault(line, `there or somewhat behind it stand bytes that are not ${encoding}: set the encoding`);
  }
}

function linesIn(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
