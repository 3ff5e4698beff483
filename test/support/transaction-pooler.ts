// Stands between clients and PostgreSQL as a transaction pooler does: each transaction gets another server connection, so that
// nothing of a session outlives it. It can also be cut, as a network is: then bytes come through in neither direction.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Server connections that all clients share. */
const serversMax = 4;
const sslRequest = 80_877_103;

export interface TransactionPooler {
  /** The database's URL by way of the pooler. */
  readonly url: string;
  /** Every statement that came by. */
  readonly statements: readonly string[];
  /** Names of prepared statements, which belong to a session. */
  readonly named: readonly string[];
  /** Lets nothing through until it is healed; nothing is lost, as a network would send it again. */
  cut(): void;
  heal(): void;
  close(): Promise<void>;
}

interface Server {
  readonly socket: Socket;
  client: Client | undefined;
}

interface Client {
  readonly socket: Socket;
  server: Server | undefined;
  waiting: Buffer[];
}

/** Opens a pooler over the socket file that a test's database URL names. */
export async function openTransactionPooler(databaseUrl: string): Promise<TransactionPooler> {
  const { pathname, searchParams } = new URL(databaseUrl);
  const file = `${searchParams.get('host')}/.s.PGSQL.5432`;
  const pooler = new Pooler(file, pathname.slice(1));
  const listener = createServer((socket) => pooler.accept(socket));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `postgres://snaps@127.0.0.1:${(listener.address() as AddressInfo).port}${pathname}`,
    statements: pooler.statements,
    named: pooler.named,
    cut: () => pooler.cut(),
    heal: () => pooler.heal(),
    close: async () => {
      pooler.end();
      listener.close();
      await once(listener, 'close');
    },
  };
}

class Pooler {
  readonly statements: string[] = [];
  readonly named: string[] = [];
  readonly #file: string;
  readonly #startup: Buffer;
  readonly #idle: Server[] = [];
  readonly #queue: Client[] = [];
  readonly #sockets = new Set<Socket>();
  #servers = 0;
  /** What came while it was cut. */
  readonly #kept: (() => void)[] = [];
  #isCut = false;

  constructor(file: string, database: string) {
    this.#file = file;
    const body = Buffer.from(`user\0snaps\0database\0${database}\0\0`);
    this.#startup = Buffer.concat([int32(body.length + 8), int32(196_608), body]);
  }

  accept(socket: Socket): void {
    this.#keep(socket);
    const client: Client = { socket, server: undefined, waiting: [] };
    let isStarted = false;
    const take = reader(
      (message) => {
        if (isStarted) return this.#fromClient(client, message);
        if (message.readInt32BE(4) === sslRequest) return void socket.write('N');
        isStarted = true;
        const hello = [
          frame('R', int32(0)),
          frame('K', Buffer.concat([int32(1), int32(1)])),
          frame('Z', Buffer.from('I')),
        ];
        socket.write(Buffer.concat(hello));
      },
      () => !isStarted,
    );
    socket.on('data', (bytes) => {
      this.#pass(() => take(bytes));
    });
    socket.on('close', () => client.server?.socket.destroy());
  }

  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    this.#isCut = false;
    for (const pass of this.#kept.splice(0)) pass();
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(work: () => void): void {
    if (this.#isCut) this.#kept.push(work);
    else work();
  }

  #fromClient(client: Client, message: Buffer): void {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === 'X') return void client.socket.end();
    if (type === 'Q') this.statements.push(textAt(message, 5));
    if (type === 'P') {
      const name = textAt(message, 5);
      if (name !== '') this.named.push(name);
      this.statements.push(textAt(message, 6 + name.length));
    }
    client.waiting.push(message);
    if (client.server === undefined) this.#attach(client);
    else this.#forward(client.server);
  }

  #attach(client: Client): void {
    if (!this.#queue.includes(client)) this.#queue.push(client);
    if (this.#idle.length === 0 && this.#servers < serversMax) this.#connect();
    this.#serve();
  }

  #serve(): void {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const [server, client] = [this.#idle.shift() as Server, this.#queue.shift() as Client];
      server.client = client;
      client.server = server;
      this.#forward(server);
    }
  }

  #forward({ socket, client }: Server): void {
    for (const message of client?.waiting.splice(0) ?? []) socket.write(message);
  }

  #connect(): void {
    this.#servers += 1;
    const socket = connect(this.#file);
    this.#keep(socket);
    const server: Server = { socket, client: undefined };
    socket.write(this.#startup);
    const take = reader((message) => {
      server.client?.socket.write(message);
      const isReady = message[0] === 'Z'.charCodeAt(0) && message[5] === 'I'.charCodeAt(0);
      if (!isReady) return;
      if (server.client !== undefined) server.client.server = undefined;
      server.client = undefined;
      this.#idle.push(server);
      this.#serve();
    });
    socket.on('data', (bytes) => this.#pass(() => take(bytes)));
    socket.on('close', () => {
      this.#servers -= 1;
      const at = this.#idle.indexOf(server);
      if (at >= 0) this.#idle.splice(at, 1);
      server.client?.socket.destroy();
      // Whoever waited for it is told, as by a pooler whose server is gone.
      for (const { socket: waiting } of this.#queue.splice(0)) waiting.destroy();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** Cuts a stream into messages; the first of a client has no type before its length. */
function reader(take: (message: Buffer) => void, isUntyped: () => boolean = () => false): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const head = isUntyped() ? 0 : 1;
      if (rest.length < head + 4) return;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      take(message);
    }
  };
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const frame = (type: string, body: Buffer): Buffer => Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);

const textAt = (message: Buffer, start: number): string => message.toString('utf8', start, message.indexOf(0, start));
