// Owns following a stream of server-sent events. It is read with fetch, because an EventSource cannot send the page's token.
import { send } from './api.ts';
import { ApiError } from './problem.ts';

export interface StreamEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

const retryMsMin = 500;
const retryMsMax = 10_000;

export interface Follower {
  /** Called in order; an event that came before a lost connection does not come twice. */
  readonly onEvent: (event: StreamEvent) => void;
  /** True while events come, false while the connection is lost and tried again. */
  readonly onConnection?: (isConnected: boolean) => void;
}

/** Follows a stream until it says `end` or the signal aborts; a lost connection goes on behind the last event. */
export async function followEvents(path: string, follower: Follower, signal: AbortSignal): Promise<void> {
  let lastId = '';
  let retryMs = retryMsMin;
  while (!signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream', ...(lastId === '' ? {} : { 'last-event-id': lastId }) };
      const { body } = await send('GET', path, { headers, signal });
      follower.onConnection?.(true);
      for await (const event of readEvents(body)) {
        retryMs = retryMsMin;
        if (event.id !== '') lastId = event.id;
        if (event.type === 'end') return;
        follower.onEvent(event);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      // The host refused for good: asking again would only repeat the answer.
      if (thrown instanceof ApiError && thrown.status >= 400 && thrown.status < 500 && thrown.status !== 429)
        throw thrown;
    }
    follower.onConnection?.(false);
    await pause(retryMs, signal);
    retryMs = Math.min(retryMs * 2, retryMsMax);
  }
}

async function* readEvents(body: ReadableStream<Uint8Array> | null): AsyncGenerator<StreamEvent> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** One event of the stream; undefined for a comment that only keeps the connection open. */
export function parseEvent(block: string): StreamEvent | undefined {
  let id = '';
  let type = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /u, '');
    const name = line.slice(0, colon);
    if (name === 'id') id = value;
    else if (name === 'event') type = value;
    else if (name === 'data') data.push(value);
  }
  return data.length === 0 && type === 'message' ? undefined : { id, type, data: data.join('\n') };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
