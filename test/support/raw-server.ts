// Owns a TCP server that answers with exact bytes, for what no HTTP library would send. It counts connections and requests.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export interface RawServer {
  readonly origin: string;
  /** The text of each request, in order. */
  readonly requests: string[];
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Answers the n-th request (from 1) with bytes; `null` closes at once with a reset; undefined leaves it open. */
export type RawAnswer = (request: string, count: number, socket: Socket) => string | Uint8Array | null | undefined;

/** Starts the server on a free port of 127.0.0.1; with `tls` it speaks https. The caller closes it. */
export async function startRawServer(answer: RawAnswer, tls?: TlsOptions): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const accept = (socket: Socket) => {
    sockets.add(socket);
    connections += 1;
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/iu.exec(text)?.[1] ?? 0);
      if (head < 0 || text.length < head + 4 + length) return;
      requests.push(text);
      const bytes = answer(text, requests.length, socket);
      text = '';
      if (bytes === null) socket.resetAndDestroy();
      else if (bytes !== undefined) socket.write(bytes);
    });
  };
  const server = tls ? createTlsServer(tls, accept) : createServer(accept);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An answer with a length, as most servers give. */
export function framed(
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ 'content-length': String(bytes.length), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines.join('')}\r\n`), bytes]);
}
