// Reads the callback address that a person copies out of their browser's address bar.
import { createInterface } from 'node:readline';

/** A person mistypes now and then; a stream that goes on longer is not a person. */
const linesMax = 20;
const lineLengthMax = 16_384;

export interface PastedCallbackOptions {
  readonly input: NodeJS.ReadableStream;
  readonly redirectUri: string;
  readonly state: string;
  /** Told why a line was not taken. */
  readonly onRefusal: (words: string) => void;
  readonly signal: AbortSignal;
}

/** The query of the first line that is the callback of this authorization; undefined when the input ends before one. */
export async function readPastedCallback(options: PastedCallbackOptions): Promise<URLSearchParams | undefined> {
  const { input, redirectUri, state, onRefusal, signal } = options;
  const lines = createInterface({ input, signal, crlfDelay: Number.POSITIVE_INFINITY });
  let count = 0;
  try {
    for await (const line of lines) {
      const text = line.trim();
      if (text === '') continue;
      const url = text.length <= lineLengthMax ? URL.parse(text) : null;
      if (url !== null && `${url.origin}${url.pathname}` === redirectUri && url.searchParams.get('state') === state)
        return url.searchParams;
      onRefusal(`That is not the callback of this authorization: it begins with ${redirectUri} and carries its state.`);
      count += 1;
      if (count >= linesMax) return undefined;
    }
  } finally {
    lines.close();
    input.pause();
  }
  return undefined;
}
