// Owns one sending of a write and what its end means: done, refused, certainly not done, or unknown. Decides nothing else.
import { decodeText, memberText } from '../../document/index.ts';
import { DataError, SnapError } from '../../errors.ts';
import type { HttpAnswer, HttpRequest, StreamedBody } from '../../http/contract.ts';
import { HttpFailure, sentOf } from '../../http/failure.ts';
import type { Pack } from '../../pack/index.ts';
import { type Asked, answerError, malformedAnswer } from '../answer-error.ts';
import type { Connection } from '../connection.ts';
import { isWebPage } from '../error-words.ts';
import type { SnapTraffic } from '../executor.ts';
import { transferTimeoutMs } from '../transfer.ts';
import { formBody, formContentType, type RecordedForm } from './form-body.ts';
import { targetUrl } from './write-call.ts';

/** A request as the journal keeps it. */
export interface RecordedRequest {
  readonly method: string;
  readonly target: string;
  readonly repeatable: boolean;
  /** What is sent; for a form, what the journal keeps of it (`RecordedForm` as JSON). */
  readonly body: string | null;
  /** Whether it carries a file. */
  readonly isForm?: boolean;
}

export type Outcome =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'refused'; readonly error: DataError }
  | { readonly kind: 'not-done'; readonly error: SnapError }
  | { readonly kind: 'unknown'; readonly error: SnapError };

export interface Sending {
  readonly pack: Pack;
  readonly connection: Connection;
  readonly traffic: SnapTraffic;
  readonly doing: string;
  readonly scope: string;
  readonly signal: AbortSignal;
  /** Gives the bytes of the file that a form carries. */
  readonly open?: (() => AsyncIterable<Uint8Array>) | undefined;
}

/** Sends once; the HTTP client repeats only what was certainly not done, or what is declared repeatable. */
export async function sendWrite(request: RecordedRequest, sending: Sending): Promise<Outcome> {
  const { pack, connection, traffic, doing, scope, signal } = sending;
  const { bodyBytesMax = 1 } = pack.manifest.api ?? {};
  const url = targetUrl(connection.baseUrl, request.target);
  const asked: Asked = { doing, path: url.pathname, scope, account: connection.account, isOneRecord: true };
  let answer: HttpAnswer;
  try {
    answer = await connection.send({
      method: request.method,
      url,
      ...contentOf(request, sending),
      repeatable: request.repeatable,
      bodyBytesMax,
      signal,
      traffic,
    });
  } catch (thrown) {
    if (!(thrown instanceof SnapError)) throw thrown;
    // Only a file that changed while it was sent throws so; the form never arrived whole.
    if (thrown instanceof DataError) return { kind: 'refused', error: thrown };
    return { kind: isCertainlyNotDone(thrown) ? 'not-done' : 'unknown', error: thrown };
  }
  return outcomeOf(answer, asked, pack);
}

function contentOf(
  { body, isForm }: RecordedRequest,
  { pack, open }: Sending,
): Pick<HttpRequest, 'headers' | 'totalTimeoutMs'> & { readonly body?: string | StreamedBody } {
  const { headers = {} } = pack.manifest.api ?? {};
  if (isForm !== true || body === null || open === undefined) {
    return { headers, totalTimeoutMs: transferTimeoutMs(pack, 0), ...(body === null ? {} : { body }) };
  }
  const form = JSON.parse(body) as RecordedForm;
  return {
    headers: { ...headers, 'content-type': formContentType(form) },
    totalTimeoutMs: transferTimeoutMs(pack, form.bytes),
    body: formBody(form, open),
  };
}

function outcomeOf(answer: HttpAnswer, asked: Asked, pack: Pack): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return readDone(answer, asked, pack);
  const error = answerError(answer, asked, pack);
  // 408 and 5xx say nothing of what was done before; a proxy gives them while the far side still works.
  if (status >= 500 || status === 408) return { kind: 'unknown', error };
  return error instanceof DataError ? { kind: 'refused', error } : { kind: 'not-done', error };
}

function readDone(answer: HttpAnswer, asked: Asked, { manifest }: Pack): Outcome {
  let text: string;
  try {
    text = decodeText(answer.body).trim();
  } catch {
    return { kind: 'unknown', error: malformedAnswer(asked, `was ${answer.status} with bytes that are not text`) };
  }
  // A login page or a proxy answers 200 too; what became of the write nobody knows then.
  if (!isWebPage(text)) return { kind: 'done', text: withoutEnvelope(text, manifest.api?.envelope) };
  return { kind: 'unknown', error: malformedAnswer(asked, `was ${answer.status} with a web page`) };
}

function withoutEnvelope(text: string, envelope: string | undefined): string {
  if (envelope === undefined || !text.startsWith('{')) return text;
  return memberText(Buffer.from(text), envelope)?.toString() ?? text;
}

/** Nothing left this machine, or the far side answered with a status that says it did nothing. */
function isCertainlyNotDone(thrown: unknown): boolean {
  if (sentOf(thrown) === 'no') return true;
  const status = thrown instanceof HttpFailure && thrown.sent === 'answered' ? (thrown.status ?? 0) : 0;
  return status >= 300 && status < 500 && status !== 408;
}
