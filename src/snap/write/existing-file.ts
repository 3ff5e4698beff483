// Owns looking among the files of a record for one with given bytes. Names are not compared: a far side may change them.
import { createHash } from 'node:crypto';
import { parseExact } from '../../document/index.ts';
import type { JsonObject } from '../../document/json.ts';
import { DataError } from '../../errors.ts';
import type { AnswerReceiver } from '../../http/contract.ts';
import type { Operation, Pack, Resource, ResourceCall } from '../../pack/index.ts';
import type { Asked } from '../answer-error.ts';
import type { Connection } from '../connection.ts';
import type { SnapTraffic } from '../executor.ts';
import type { FileMark } from '../file-sink.ts';
import { exchange, type Reading } from '../read-page.ts';
import { acceptAny, transferTimeoutMs } from '../transfer.ts';
import { type Found, listRecords } from './lookup.ts';
import { callTarget, existingCalls, targetUrl } from './write-call.ts';

/** Files of one record that a look-up reads: more than any person attaches. */
const filesMax = 500;

export interface ExistingOptions {
  readonly pack: Pack;
  /** The operation that reads the list of files. */
  readonly operation: Operation;
  readonly resource: Resource;
  /** The call that sends the file, and its path with the ids filled in. */
  readonly call: ResourceCall;
  readonly target: string;
  readonly connection: Connection;
  readonly traffic: SnapTraffic;
  readonly signal: AbortSignal;
}

/** Finds the record's file with these bytes. Throws what the reads throw. */
export async function findExisting(mark: FileMark, options: ExistingOptions): Promise<Found> {
  const { pack, operation, resource, call, target, connection, traffic, signal } = options;
  const { list, bytes } = existingCalls(resource, call);
  if (list === undefined || bytes === undefined || operation.paging === undefined) {
    return { kind: 'uncertain', reason: `${call.path} documents no call that gives the files that are there` };
  }
  const { idField } = operation.paging;
  // The ids stand in the path already: what is read is the list of this one record.
  const binding = { pack, operation, call: { ...list, path: target }, settings: {}, baseUrl: connection.baseUrl };
  const reading: Reading = { binding, connection, traffic, resource: resource.key, isOfOneRecord: true };
  const found: string[] = [];
  let looked = 0;
  for await (const json of listRecords(reading, operation.paging, signal)) {
    looked += 1;
    if (looked > filesMax) return { kind: 'uncertain', reason: `the record has more than ${filesMax} files` };
    const id = (parseExact(json) as JsonObject)[idField];
    const path = bytes.path === `${call.path}/:id` ? `${target}/:id` : bytes.path;
    if (await hasBytes(mark, reading, { call: bytes, path: callTarget(path, { id }, []), signal })) found.push(json);
  }
  const [json, another] = found;
  if (json === undefined) return { kind: 'none' };
  if (another !== undefined) return { kind: 'many', reason: 'the record has this file several times', json };
  return { kind: 'one', id: (parseExact(json) as JsonObject)[idField], json };
}

async function hasBytes(
  mark: FileMark,
  reading: Reading,
  { call, path, signal }: { readonly call: ResourceCall; readonly path: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const { binding, connection } = reading;
  const asked: Asked = {
    doing: `Looking for a file of ${reading.resource}`,
    path,
    scope: call.scope,
    account: connection.account,
    isOneRecord: true,
  };
  let isSame = false;
  const receive: AnswerReceiver['receive'] = async ({ headers, isComplete }, pieces) => {
    isSame = false;
    // A file of another length need not be read.
    if (!isComplete || (headers['content-length'] ?? String(mark.bytes)) !== String(mark.bytes)) return;
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > mark.bytes) return;
      hash.update(piece);
    }
    isSame = bytes === mark.bytes && hash.digest('hex') === mark.sha256;
  };
  const request = {
    url: targetUrl(connection.baseUrl, path),
    headers: acceptAny(binding.pack),
    totalTimeoutMs: transferTimeoutMs(binding.pack, mark.bytes),
    receiver: { bytesMax: Number.MAX_SAFE_INTEGER, receive },
  };
  try {
    await exchange({ ...reading, binding: { ...binding, call } }, request, { asked, signal });
  } catch (thrown) {
    // What is only a link or a text has no bytes.
    if (thrown instanceof DataError && thrown.code === 'SNAP_NOT_FOUND') return false;
    throw thrown;
  }
  return isSame;
}
