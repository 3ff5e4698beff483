// Owns playing a fault on one answer. What is done before and what after the work is told apart: a lost answer did its work.
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { routes } from './authorization/routes.ts';
import type { FaultOrder } from './faults.ts';
import { errorsXml } from './render/xml.ts';

const told = 'The simulator was told to answer so.';
const delayMsDefault = 1000;
const delayMsMax = 600_000;
const maintenancePage =
  '<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Back soon</h1></body></html>';

/** Plays a fault that replaces the work. Gives true when the request is done with, false when the work shall go on. */
export async function playBefore(order: FaultOrder, res: ServerResponse): Promise<boolean> {
  switch (order.fault) {
    case 'status': {
      const retryAfter = order.retryAfter === undefined ? {} : { 'retry-after': String(order.retryAfter) };
      const isXml = order.format === 'xml';
      res.writeHead(order.status ?? 500, { 'content-type': `application/${isXml ? 'xml' : 'json'}`, ...retryAfter });
      res.end(isXml ? errorsXml([told]) : JSON.stringify({ error: told }));
      return true;
    }
    case 'html':
      res.writeHead(order.status ?? 503, { 'content-type': 'text/html; charset=utf-8' }).end(maintenancePage);
      return true;
    case 'redirect-login':
      res.writeHead(302, { location: routes.login }).end();
      return true;
    case 'reset':
      res.socket?.resetAndDestroy();
      return true;
    case 'hang':
      return true;
    case 'slow':
      await delay(Math.min(order.delayMs ?? delayMsDefault, delayMsMax), undefined, { ref: false });
      return res.destroyed;
    default:
      return false;
  }
}

/** Lets the work wait, after the request is here: it is then done though nobody may be there to hear of it. */
export async function playLate({ fault, delayMs = delayMsDefault }: FaultOrder): Promise<void> {
  if (fault === 'late') await delay(Math.min(delayMs, delayMsMax), undefined, { ref: false });
}

/** Makes the answer of the work that follows be lost, cut short or turned into garbage on its way. */
export function playAfter(order: FaultOrder, res: ServerResponse): void {
  if (order.fault !== 'lost-answer' && order.fault !== 'truncate' && order.fault !== 'garbage') return;
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
  };
  const send = res.end.bind(res) as (body: Buffer) => ServerResponse;
  const sendHead = res.writeHead.bind(res) as (status: number, headers: Record<string, string>) => ServerResponse;
  res.writeHead = ((status: number, ...rest: readonly unknown[]) => {
    res.statusCode = status;
    const headers = rest.find((one) => typeof one === 'object' && one !== null) ?? {};
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value as string | string[]);
    return res;
  }) as ServerResponse['writeHead'];
  res.write = ((chunk: unknown) => {
    keep(chunk);
    return true;
  }) as ServerResponse['write'];
  res.end = ((chunk?: unknown) => {
    keep(chunk);
    const body = Buffer.concat(chunks);
    if (order.fault === 'lost-answer') res.socket?.destroy();
    else if (order.fault === 'garbage') {
      const garbage = Buffer.from(body.map((byte, index) => (index % 3 === 0 ? byte ^ 0x5a : byte)));
      sendHead(res.statusCode, { 'content-length': String(garbage.length) });
      send(garbage);
    } else {
      sendHead(res.statusCode, { 'content-length': String(Math.max(body.length, 2)) });
      const write = Object.getPrototypeOf(res).write as (chunk: Buffer, done: () => void) => boolean;
      write.call(res, body.subarray(0, Math.floor(body.length / 2)), () => res.socket?.destroy());
    }
    return res;
  }) as ServerResponse['end'];
}
