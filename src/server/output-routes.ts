// Owns looking at and downloading what a run has made. A file is never shown as a page: attachment, nosniff, sandbox.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ConfigurationError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { sendProblem } from './problem.ts';
import { idParameter, tag } from './schemas.ts';

const headBytesMax = 65_536;
/** The first two bytes of a gzip file, RFC 1952. */
const gzipSign = 0x1f8b;
const ticketMsMax = 60_000;
const ticketsMax = 1_000;

interface Ticket {
  readonly runId: string;
  readonly index: number;
  readonly endsAt: number;
}

const outputParameters = {
  type: 'object',
  properties: { ...idParameter.properties, index: { type: 'integer', minimum: 0, maximum: 10_000 } },
} as const;

interface Output {
  readonly Params: { readonly id: string; readonly index: number };
}

export function addOutputRoutes(server: FastifyInstance, host: Host, now: () => number): void {
  const tickets = new Map<string, Ticket>();
  server.get<Output>(
    '/api/runs/:id/outputs/:index/head',
    { schema: { ...tag('Runs', 'Read the beginning of an output as text'), params: outputParameters } },
    async (request, reply) => {
      const { path } = await host.runs.output(request.params.id, request.params.index);
      return protect(reply)
        .type('text/plain; charset=utf-8')
        .send(await readHead(path));
    },
  );
  server.post<Output>(
    '/api/runs/:id/outputs/:index/ticket',
    {
      schema: {
        ...tag('Runs', 'Get an address that downloads an output once, within a minute'),
        params: outputParameters,
      },
    },
    async (request) => {
      const { id, index } = request.params;
      await host.runs.output(id, index);
      for (const [ticket, { endsAt }] of tickets)
        if (endsAt <= now() || tickets.size >= ticketsMax) tickets.delete(ticket);
      const ticket = randomBytes(32).toString('base64url');
      tickets.set(ticket, { runId: id, index, endsAt: now() + ticketMsMax });
      return { url: `/downloads/${ticket}` };
    },
  );
  // A browser that downloads cannot send the page's token: the ticket stands for it, once.
  server.get<{ Params: { ticket: string } }>(
    '/downloads/:ticket',
    {
      schema: {
        ...tag('Runs', 'Download an output by its ticket'),
        params: { type: 'object', properties: { ticket: { type: 'string', maxLength: 100 } } },
      },
    },
    async (request, reply) => {
      const ticket = tickets.get(request.params.ticket);
      tickets.delete(request.params.ticket);
      if (ticket === undefined || ticket.endsAt <= now()) return sendProblem(reply, 404, ticketEnded().toJSON());
      const file = await host.runs.output(ticket.runId, ticket.index);
      return protect(reply)
        .type('application/octet-stream')
        .header('content-length', file.bytes)
        .header('content-disposition', disposition(file.name))
        .send(createReadStream(file.path, { end: Math.max(0, file.bytes - 1) }));
    },
  );
}

/** Even opened by mistake, the content can run nothing and reach nothing. */
function protect(reply: FastifyReply): FastifyReply {
  return reply
    .header('content-security-policy', "sandbox; default-src 'none'")
    .header('x-content-type-options', 'nosniff');
}

/** RFC 6266: a plain name for old readers, the exact one encoded. */
function disposition(name: string): string {
  const plain = name.replaceAll(/[^\w.-]/gu, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}

async function readHead(path: string): Promise<string> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(headBytesMax) });
  const isPacked = buffer.readUInt16BE(0) === gzipSign;
  const head = isPacked ? await unpacked(buffer.subarray(0, bytesRead)) : buffer.subarray(0, bytesRead);
  const text = head.toString('utf8');
  // A line that was cut would look like a broken record.
  const isWhole = bytesRead < headBytesMax && head.length < headBytesMax;
  return isWhole || !text.includes('\n') ? text : text.slice(0, text.lastIndexOf('\n') + 1);
}

/** The beginning of what is packed, however small it was packed; the end is cut and that is no fault. */
async function unpacked(packed: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const unzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  unzip.end(packed);
  for await (const chunk of unzip as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= headBytesMax) break;
  }
  return Buffer.concat(chunks).subarray(0, headBytesMax);
}

function ticketEnded(): ConfigurationError {
  return new ConfigurationError('SNAP_USAGE', 'This download address was used or has ended.', {
    reason: 'an address serves once, within a minute',
    resolution: 'press Download on the run again',
  });
}
