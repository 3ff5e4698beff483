// A far side that is never the bottleneck: pages of one collection, cut out of memory. Runs in a process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** Records that differ in text; a longer collection repeats them under ids of its own, each of the same length. */
const recordsMade = 20_000;
const idDigits = 9;
const idBase = 10 ** (idDigits - 1);

export interface PageServer {
  readonly url: string;
  /** Bytes of one record's text. */
  readonly recordBytes: number;
  stop(): void;
}

/** Serves `records` records with the ids `firstId`, `firstId` + 1 and so on, as `GET /api/...?id[gt]&offset&limit&dir`. */
export async function startPageServer(records: number): Promise<PageServer> {
  const child = fork(fileURLToPath(import.meta.url), [String(records)]);
  const [{ port, recordBytes }] = (await once(child, 'message')) as [{ port: number; recordBytes: number }];
  return { url: `http://127.0.0.1:${port}`, recordBytes, stop: () => child.kill() };
}

export const firstId = idBase;

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) serve(Number(process.argv[2]));

function serve(records: number): void {
  const made = Math.min(records, recordsMade);
  const texts = Array.from({ length: made }, (_, index) => Buffer.from(record(index)));
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams;
    const isLast = query.get('dir') === 'desc';
    const after = Number(query.get('id[gt]') ?? idBase - 1) - idBase + 1;
    const from = isLast ? records - 1 : after + Number(query.get('offset') ?? 0);
    send(response, page(texts, from, Math.min(from + Number(query.get('limit') ?? 50), records)));
  });
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ port: (server.address() as AddressInfo).port, recordBytes: texts[0]?.length ?? 0 });
  });
  process.on('disconnect', () => process.exit());
}

function page(texts: readonly Buffer[], from: number, to: number): Buffer {
  const parts: Buffer[] = [Buffer.from('[')];
  for (let index = from; index < to; index += 1) {
    if (index > from) parts.push(Buffer.from(','));
    const text = texts[index % texts.length] as Buffer;
    parts.push(Buffer.from(`{"id":${idBase + index}`), text.subarray(6 + idDigits));
  }
  parts.push(Buffer.from(']'));
  return Buffer.concat(parts);
}

function send(response: ServerResponse, body: Buffer): void {
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', body.length);
  response.end(body);
}

function record(index: number): string {
  const line = (inner: number) => ({
    id: index * 12 + inner,
    'line-num': inner,
    description: `Office chair, adjustable, series ${index}`,
    price: '129.5000',
    quantity: '3.0',
    account: { id: inner * 7, name: 'Main – 1000', code: `01-100-${inner}` },
    currency: { id: 1, code: 'USD' },
    'created-at': '2026-03-04T05:06:07-08:00',
  });
  return JSON.stringify({
    id: idBase + index,
    'invoice-number': `INV-${index}`,
    status: index % 3 === 0 ? 'approved' : 'draft',
    'gross-total': `${index % 9000}.50`,
    supplier: { id: 5, name: 'Müller & Söhne GmbH', number: 'S-100' },
    'custom-fields': { note: 'a "quoted" word and a back\\slash' },
    'invoice-lines': Array.from({ length: 13 }, (_, inner) => line(inner)),
  });
}
