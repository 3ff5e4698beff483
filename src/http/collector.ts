// Owns the answer of one attempt while it comes: how far the request got, one end of it, the deadline and the bound of the body.
import type { Dispatcher } from 'undici';
import type { AnswerHead, RequestBody, Sent } from './contract.ts';
import type { PreparedRequest } from './exchange.ts';
import {
  answerRedirected,
  answerTooLarge,
  deadlinePassed,
  interrupted,
  type Place,
  transportFailure,
} from './failure.ts';
import { PassingBody } from './passing-body.ts';

const redirects = new Set([300, 301, 302, 303, 305, 307, 308]);

/** An answer as it came, its body not decoded; empty where a receiver took it. */
export interface Received extends AnswerHead {
  readonly body: Uint8Array;
}

/**
 * Collects one answer. It is waiting (not sent), sent, answered (status known), then settled once: by the end of the body,
 * an error, the deadline or the signal. undici gives the means to abort only when the request is about to be written, so a
 * request that was given up while it waited for a connection is stopped there, before its first byte.
 */
export class Collector implements Dispatcher.DispatchHandler {
  readonly #request: PreparedRequest;
  readonly #resolve: (received: Received) => void;
  readonly #reject: (error: Error) => void;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #sent: Sent = 'no';
  #head: AnswerHead | undefined;
  #passing: PassingBody | undefined;
  #chunks: Buffer[] = [];
  #size = 0;
  isSettled = false;

  constructor(request: PreparedRequest, resolve: (received: Received) => void, reject: (error: Error) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#endWithin(request.totalTimeoutMs);
    request.signal?.addEventListener('abort', this.#onAbort);
    if (request.signal?.aborted) this.#onAbort();
  }

  get place(): Place {
    return { method: this.#request.method, url: this.#request.url, sent: this.#sent, status: this.#head?.status };
  }

  /** Sets the deadline, counted from the beginning of the attempt. */
  #endWithin(timeoutMs: number): void {
    clearTimeout(this.#timer);
    const leftMs = timeoutMs - (performance.now() - this.#startedAt);
    this.#timer = setTimeout(() => this.#failInTurn(deadlinePassed(this.place, timeoutMs)), Math.max(0, leftMs));
  }

  readonly #onAbort = (): void => {
    if (this.#request.signal) this.#failInTurn(interrupted(this.place, this.#request.signal));
  };

  /**
   * What was not sent ends at once. What was sent ends after one look at the sockets: the timers of a process that was stopped
   * or suspended fire first, and would throw away an answer that has long arrived, with the only copy of a rotated token.
   */
  #failInTurn(error: Error): void {
    if (this.#sent === 'no') this.fail(error);
    else setImmediate(() => this.fail(error));
  }

  fail(error: Error): void {
    if (!this.#settle()) return;
    this.#controller?.abort(error);
    if (this.#passing === undefined) this.#reject(error);
    else void this.#passing.fail(error).then(() => this.#reject(error));
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isSettled) {
      controller.abort(new Error('given up before it was sent'));
      return;
    }
    this.#controller = controller;
    this.#sent = 'unknown';
    this.#request.traffic.bytesOut += byteLength(this.#request.body);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.#sent = 'answered';
    const flat = flatten(headers);
    const head = { status, headers: flat, isComplete: isFramed(this.#request.method, status, flat) };
    this.#head = head;
    const { receiver } = this.#request;
    if (redirects.has(status)) this.fail(answerRedirected(this.place));
    else if (Number(flat['content-length'] ?? 0) > this.#bytesMax)
      this.fail(answerTooLarge(this.place, this.#bytesMax));
    else if (receiver !== undefined && status < 300) {
      if (receiver.timeoutMs !== undefined) this.#endWithin(receiver.timeoutMs(head));
      this.#passing = new PassingBody({ receiver, head, place: this.place, flow: controller });
      this.#passing.received.then(
        () => this.#endPassing(head),
        (error: Error) => this.fail(error),
      );
    }
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    this.#request.traffic.bytesIn += chunk.length;
    if (this.#size > this.#bytesMax) this.fail(answerTooLarge(this.place, this.#bytesMax));
    else if (this.#passing === undefined) this.#chunks.push(chunk);
    else this.#passing.take(chunk);
  }

  onResponseEnd(): void {
    if (this.#passing !== undefined) this.#passing.end();
    else if (this.#head !== undefined && this.#settle()) {
      const [first] = this.#chunks;
      const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks, this.#size);
      this.#resolve({ ...this.#head, body });
    }
  }

  /** The receiver is content. What it left of the body is not waited for. */
  #endPassing(head: AnswerHead): void {
    if (!this.#settle()) return;
    if (!this.#passing?.hasEnded) this.#controller?.abort(new Error('the rest is not wanted'));
    this.#resolve({ ...head, body: new Uint8Array() });
  }

  get #bytesMax(): number {
    const { receiver, bodyBytesMax } = this.#request;
    const isSuccess = this.#head !== undefined && this.#head.status < 300;
    return receiver !== undefined && isSuccess ? receiver.bytesMax : bodyBytesMax;
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(transportFailure(error, this.place));
  }
}

/** RFC 9112, section 6.3: without a length or chunks the body ends where the connection ends, cut or not. */
function isFramed(method: string, status: number, headers: Readonly<Record<string, string>>): boolean {
  if (method === 'HEAD' || status === 204 || status === 304) return true;
  return 'content-length' in headers || /(?:^|,)\s*chunked\s*$/iu.test(headers['transfer-encoding'] ?? '');
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

function byteLength(body: RequestBody | undefined): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.length : (body?.bytes ?? 0);
}
