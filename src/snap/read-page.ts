// Owns one request of a read and its answer: sent, counted, understood. A page is cut into records, not parsed.
import { cutRecords, decodeText, memberText, readMember } from '../document/index.ts';
import type { HttpAnswer, HttpRequest } from '../http/contract.ts';
import { type Asked, answerError, malformedAnswer } from './answer-error.ts';
import type { Connection } from './connection.ts';
import { isWebPage } from './error-words.ts';
import type { SnapTraffic } from './executor.ts';
import type { Page } from './page.ts';
import { type Binding, readRequest } from './request.ts';

/** Everything that one read needs beside its pages. */
export interface Reading {
  readonly binding: Binding;
  readonly connection: Connection;
  readonly traffic: SnapTraffic;
  /** The name that people know the resource by. */
  readonly resource: string;
}

/** Reads one page of a list. Throws the error that the pack's rules make of a refusal. */
export async function readPage(reading: Reading, url: URL, signal: AbortSignal): Promise<Page> {
  const asked = askedFor(reading, url, `Reading ${reading.resource}`);
  const answer = await exchange(reading, { url }, { asked, signal });
  const text = recordsOf(bodyOf(answer, asked), reading, asked);
  if (!/^\s*\[/.test(text)) throw malformedAnswer(asked, 'is JSON but not a list');
  const idField = reading.binding.operation.paging?.idField ?? 'id';
  const records = cutRecords(text).map((json) => {
    const id = readMember(json, idField);
    if (typeof id === 'number') return { id, json };
    return typeof id === 'string' ? { id: undefined, key: id, json } : { id: undefined, json };
  });
  return { records, isComplete: answer.isComplete, name: `${url.pathname}${decodeURIComponent(url.search)}` };
}

/** Reads one record as text. Throws SNAP_NOT_FOUND when there is none. */
export async function readRecord(reading: Reading, url: URL, signal: AbortSignal): Promise<string> {
  const asked = askedFor(reading, url, `Reading ${reading.resource} by ID`);
  const answer = await exchange(reading, { url }, { asked: { ...asked, isOneRecord: true }, signal });
  const text = recordsOf(bodyOf(answer, asked), reading, asked);
  // As a page of one, the record is checked to be one whole object.
  const [json] = /^\s*\{/.test(text) ? cutRecords(`[${text}]`) : [];
  if (json === undefined) throw malformedAnswer(asked, 'is not one record');
  return json;
}

function askedFor({ binding, connection }: Reading, url: URL, doing: string): Asked {
  return { doing, path: url.pathname, scope: binding.call.scope, account: connection.account, isOneRecord: false };
}

/** Sends one request of a read, or one that the manifest says belongs to it. Throws what the pack's rules make of a refusal. */
export async function exchange(
  { binding, connection, traffic }: Reading,
  request: Pick<HttpRequest, 'url'> & Partial<HttpRequest>,
  { asked, signal }: { readonly asked: Asked; readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  const answer = await connection.send({ ...readRequest(binding, request.url, signal), ...request, traffic });
  if (answer.status < 200 || answer.status > 299) throw answerError(answer, asked, binding.pack);
  return answer;
}

/** What stands in the envelope of an answer, when the API has one. */
function recordsOf(text: string, { binding }: Reading, asked: Asked): string {
  const { envelope } = binding.pack.manifest.api ?? {};
  if (envelope === undefined) return text;
  const inner = /^\s*\{/.test(text) ? memberText(text, envelope) : undefined;
  if (inner === undefined) throw malformedAnswer(asked, `has no member "${envelope}"`);
  return inner;
}

function bodyOf(answer: HttpAnswer, asked: Asked): string {
  const text = decodeText(answer.body);
  if (text.trim() === '') throw malformedAnswer(asked, `was ${answer.status} with an empty body`);
  if (isWebPage(text))
    throw malformedAnswer(asked, `was ${answer.status} with a web page, as a login or a proxy gives`);
  if (text.trimStart().startsWith('<')) throw malformedAnswer(asked, `was ${answer.status} with XML instead of JSON`);
  return text;
}
