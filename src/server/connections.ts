// Owns how many connections stand open: a flood of silent ones must not keep the person at the page out.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps at most `max` connections open. Beyond it the one that has asked for nothing the longest goes, whether it was
 * always silent or drips its headers; when all are being answered, the new one goes.
 */
export function boundConnections(server: Server, max: number): void {
  const open = new Set<Socket>();
  /** Without a request under way, the longest first. */
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    silent.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      silent.delete(socket);
    });
    if (open.size <= max) return;
    const [longest = socket] = silent;
    longest.destroy();
    open.delete(longest);
    silent.delete(longest);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    silent.delete(socket);
    response.once('close', () => {
      if (open.has(socket)) silent.add(socket);
    });
  });
}
