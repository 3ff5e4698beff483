// Owns how many connections stand open: a flood of silent or dripping ones must not keep the person at the page out.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps at most `max` connections open. Beyond it one gives way on which no whole request is being answered: it is silent,
 * drips its headers or drips its body. Of these the address that holds most connections loses the one that has been so the
 * longest; a fixed share an address would shut out everybody behind one proxy. When all are being answered, the new one goes.
 */
export function boundConnections(server: Server, max: number): void {
  const open = new Connections();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    if (open.size <= max) return;
    const yielding = open.nextToYield() ?? socket;
    yielding.destroy();
    open.delete(yielding);
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const answer = (): void => open.answer(socket);
    if (hasBody(request)) request.once('end', answer);
    else answer();
    response.once('close', () => {
      request.off('end', answer);
      open.rest(socket);
    });
  });
}

class Connections {
  /** The address of each. */
  readonly #addresses = new Map<Socket, string>();
  readonly #counts = new Map<string, number>();
  /** Those without a whole request under way, the longest first. */
  readonly #resting = new Set<Socket>();

  get size(): number {
    return this.#addresses.size;
  }

  add(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    this.#addresses.set(socket, address);
    this.#counts.set(address, this.#countOf(address) + 1);
    this.#resting.add(socket);
  }

  delete(socket: Socket): void {
    const address = this.#addresses.get(socket);
    if (address === undefined) return;
    this.#addresses.delete(socket);
    this.#resting.delete(socket);
    const left = this.#countOf(address) - 1;
    if (left > 0) this.#counts.set(address, left);
    else this.#counts.delete(address);
  }

  answer(socket: Socket): void {
    this.#resting.delete(socket);
  }

  rest(socket: Socket): void {
    if (!this.#addresses.has(socket)) return;
    // Behind those that have rested longer.
    this.#resting.delete(socket);
    this.#resting.add(socket);
  }

  nextToYield(): Socket | undefined {
    let found: Socket | undefined;
    let most = 0;
    for (const socket of this.#resting) {
      const count = this.#countOf(this.#addresses.get(socket) ?? '');
      if (count <= most) continue;
      found = socket;
      most = count;
    }
    return found;
  }

  #countOf(address: string): number {
    return this.#counts.get(address) ?? 0;
  }
}

/** Whether more has to come before the request can be answered (RFC 9112, section 6.3). */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
