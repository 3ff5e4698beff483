// Owns the seam between the layers of the client: each wraps one exchange and adds one behaviour.
import type { HttpAnswer, HttpRequest, HttpTraffic } from './contract.ts';

/** A request with every bound set. */
export interface PreparedRequest extends HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly totalTimeoutMs: number;
  readonly bodyBytesMax: number;
  readonly traffic: HttpTraffic;
}

export type Exchange = (request: PreparedRequest) => Promise<HttpAnswer>;
export type Layer = (next: Exchange) => Exchange;

/** Wraps an exchange in layers; the first is the outermost. */
export function wrap(exchange: Exchange, layers: readonly Layer[]): Exchange {
  return layers.reduceRight((next, layer) => layer(next), exchange);
}
