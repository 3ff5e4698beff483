// Owns one request of a read and its answer: sent, counted, understood. A page is cut into records, not parsed.
import {
  asBuffer,
  cutRecords,
  decodeText,
  memberText,
  openBrace,
  openBracket,
  readMember,
  textStart,
} from '../document/index.ts';
import type { HttpAnswer, HttpRequest } from '../http/contract.ts';
import { type Asked, answerError, malformedAnswer } from './answer-error.ts';
import type { Connection } from './connection.ts';
import { isWebPage } from './error-words.ts';
import type { SnapTraffic } from './executor.ts';
import type { Page } from './page.ts';
import { type Binding, readRequest } from './request.ts';

const pageStart = Buffer.from('[');
const pageEnd = Buffer.from(']');

/** Everything that one read needs beside its pages. */
export interface Reading {
  readonly binding: Binding;
  readonly connection: Connection;
  readonly traffic: SnapTraffic;
  /** The name that people know the resource by. */
  readonly resource: string;
  /** Whether what is read belongs to one record: when that is not there, it is the fault of its document. */
  readonly isOfOneRecord?: boolean;
}

/** Reads one page of a list. Throws the error that the pack's rules make of a refusal. */
export async function readPage(reading: Reading, url: URL, signal: AbortSignal): Promise<Page> {
  const asked = askedFor(reading, url, `Reading ${reading.resource}`);
  const answer = await exchange(reading, { url }, { asked, signal });
  const list = recordsOf(bodyOf(answer, asked), reading, asked);
  if (list[0] !== openBracket) throw malformedAnswer(asked, 'is JSON but not a list');
  const idField = reading.binding.operation.paging?.idField ?? 'id';
  const records = cutRecords(list).map((bytes) => {
    const id = readMember(bytes, idField);
    if (typeof id === 'number') return { id, bytes };
    return typeof id === 'string' ? { id: undefined, key: id, bytes } : { id: undefined, bytes };
  });
  return { records, isComplete: answer.isComplete, name: `${url.pathname}${decodeURIComponent(url.search)}` };
}

/** Reads one record as text. Throws SNAP_NOT_FOUND when there is none. */
export async function readRecord(reading: Reading, url: URL, signal: AbortSignal): Promise<Buffer> {
  const asked = askedFor(reading, url, `Reading ${reading.resource} by ID`);
  const answer = await exchange(reading, { url }, { asked: { ...asked, isOneRecord: true }, signal });
  const record = recordsOf(bodyOf(answer, asked), reading, asked);
  // As a page of one, the record is checked to be one whole object.
  const [bytes] = record[0] === openBrace ? cutRecords(Buffer.concat([pageStart, record, pageEnd])) : [];
  if (bytes === undefined) throw malformedAnswer(asked, 'is not one record');
  return bytes;
}

function askedFor({ binding, connection, isOfOneRecord = false }: Reading, url: URL, doing: string): Asked {
  const { account } = connection;
  return { doing, path: url.pathname, scope: binding.call.scope, account, isOneRecord: isOfOneRecord };
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
function recordsOf(body: Buffer, { binding }: Reading, asked: Asked): Buffer {
  const { envelope } = binding.pack.manifest.api ?? {};
  if (envelope === undefined) return body;
  const inner = body[0] === openBrace ? memberText(body, envelope) : undefined;
  if (inner === undefined) throw malformedAnswer(asked, `has no member "${envelope}"`);
  return inner;
}

/** The body from its first bracket or brace on. Only one that begins otherwise is made a string, to see what it is. */
function bodyOf(answer: HttpAnswer, asked: Asked): Buffer {
  const bytes = asBuffer(answer.body);
  const start = textStart(bytes);
  if (bytes[start] === openBracket || bytes[start] === openBrace) return bytes.subarray(start);
  const text = decodeText(answer.body);
  if (text.trim() === '') throw malformedAnswer(asked, `was ${answer.status} with an empty body`);
  if (isWebPage(text))
    throw malformedAnswer(asked, `was ${answer.status} with a web page, as a login or a proxy gives`);
  if (text.trimStart().startsWith('<')) throw malformedAnswer(asked, `was ${answer.status} with XML instead of JSON`);
  throw malformedAnswer(asked, 'is not a list or a record of JSON');
}
