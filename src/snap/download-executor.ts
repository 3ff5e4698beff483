// Owns running a snap that downloads: one file for each document, saved before its document goes on. Never trusts a far side's file name.
import { extname } from 'node:path';
import { type Batch, Document } from '../document/index.ts';
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, DataError, ExecutionError } from '../errors.ts';
import type { AnswerHead, AnswerReceiver } from '../http/contract.ts';
import type { LoadedSnap, Pack } from '../pack/index.ts';
import { findExpressions } from '../schema/index.ts';
import type { Asked } from './answer-error.ts';
import { checkSettings } from './check-settings.ts';
import { callFor, chooseOperation } from './choose-operation.ts';
import { endingByType } from './content-types.ts';
import type { SnapContext, SnapExecutor } from './executor.ts';
import type { FileSink, SavedFile } from './file-sink.ts';
import { mapInOrder } from './map-in-order.ts';
import type { OperationExecutorOptions } from './operation-executor.ts';
import { exchange, type Reading } from './read-page.ts';
import { resourceOf } from './record-fields.ts';
import { acceptAny, transferTimeoutMs } from './transfer.ts';
import { callTarget, parentsOf, targetUrl } from './write/write-call.ts';

export interface DownloadExecutorOptions extends OperationExecutorOptions {
  readonly files: FileSink;
}

/** Files under way at once. */
const filesMax = 4;
const nameLengthMax = 120;

/** Whether a snap downloads files. */
export function isDownloading(pack: Pack, snap: LoadedSnap): boolean {
  return (snap.declaration.operations ?? []).some(
    ({ operation }) => pack.operations.get(operation)?.call === 'download',
  );
}

/** Makes the executor of a downloading snap for one run. Each document goes on with `file`: path, bytes, sha256, content type. */
export function createDownloadExecutor(options: DownloadExecutorOptions): SnapExecutor {
  return {
    run: async (context) => {
      const download = await openDownload(options, context);
      if (context.hasInput) for await (const batch of context.input()) await downloadBatch(batch, download, context);
      else if (context.restored === undefined) {
        const document = await download(Document.fromValue({}, { snap: context.snapId, index: 0 }));
        await context.emit([document], { position: { read: 1 } });
      }
    },
    // What was saved is durable before its document goes on.
    snapshot: async () => ({ read: 1 }),
  };
}

type Download = (document: Document) => Promise<Document>;

async function downloadBatch(batch: Batch, download: Download, context: SnapContext): Promise<void> {
  const results = await mapInOrder(batch, filesMax, async (document) => {
    try {
      return await download(document);
    } catch (thrown) {
      if (thrown instanceof DataError) return thrown;
      throw thrown;
    }
  });
  const saved: Document[] = [];
  for (const [index, result] of results.entries()) {
    const document = batch[index];
    if (result instanceof Document) saved.push(result);
    else if (document !== undefined) await context.fail(document, result);
  }
  if (saved.length > 0) await context.emit(saved);
}

async function openDownload(options: DownloadExecutorOptions, context: SnapContext): Promise<Download> {
  const { pack, snap, files } = options;
  const connection = await options.connect(context);
  const operation = chooseOperation(pack, snap, context.settings) ?? unusable(snap);
  const { file = unusable(snap) } = operation;
  const hasExpressions = findExpressions(context.settings).length > 0;
  return async (document) => {
    const settings = await context.resolve(context.hasInput ? document : undefined);
    if (hasExpressions) expectFitting(pack, snap, settings);
    const resource = resourceOf(pack, snap, settings) ?? unusable(snap);
    const call = callFor(operation, resource, settings) ?? unusable(snap);
    const id = settings[operation.idSetting ?? ''];
    const target = callTarget(call.path, { ...parentsOf(operation, settings), id }, []);
    const binding = { pack, operation, call, settings, baseUrl: connection.baseUrl };
    const reading: Reading = { binding, connection, traffic: context.traffic, resource: resource.key };
    const asked = {
      doing: `Downloading ${call.action} of ${resource.key}`,
      path: target,
      scope: call.scope,
      account: connection.account,
      isOneRecord: true,
    };
    const given = settings[file.pathSetting];
    const base = `${resource.key}-${String(id)}-${call.action}`;
    const taking = new Taking(asked, async (head, pieces) => {
      const path = typeof given === 'string' ? given : nameOf(head, base);
      return await files.save({ path, source: target, runId: context.runId }, pieces);
    });
    const request = {
      url: targetUrl(connection.baseUrl, target),
      headers: acceptAny(pack),
      receiver: {
        bytesMax: file.bytesMax,
        timeoutMs: ({ headers: { 'content-length': length = String(file.bytesMax) } }: AnswerHead) =>
          transferTimeoutMs(pack, Math.min(Number(length), file.bytesMax)),
        receive: taking.receive,
      },
    };
    await exchange(reading, request, { asked, signal: context.signal });
    return document.withValue({ ...document.value, file: taking.saved });
  };
}

/** Takes the file of one answer; one that is a web page, empty, or cut is refused before it gets its name. */
class Taking {
  readonly #asked: Asked;
  readonly #save: (head: AnswerHead, pieces: AsyncIterable<Uint8Array>) => Promise<SavedFile>;
  #saved: JsonObject | undefined;

  constructor(asked: Asked, save: (head: AnswerHead, pieces: AsyncIterable<Uint8Array>) => Promise<SavedFile>) {
    this.#asked = asked;
    this.#save = save;
  }

  readonly receive: AnswerReceiver['receive'] = async (head, pieces) => {
    const contentType = contentTypeOf(head);
    if (contentType === 'text/html' && !isAttachment(head)) throw noFile(this.#asked, 'is a web page');
    if (!head.isComplete) throw noFile(this.#asked, 'may be cut short');
    const saved = await this.#save(head, unlessEmpty(pieces, this.#asked));
    this.#saved = { ...saved, contentType };
  };

  get saved(): JsonObject {
    if (this.#saved === undefined) throw noFile(this.#asked, 'is empty');
    return this.#saved;
  }
}

async function* unlessEmpty(pieces: AsyncIterable<Uint8Array>, asked: Asked): AsyncGenerator<Uint8Array> {
  let isEmpty = true;
  for await (const piece of pieces) {
    isEmpty &&= piece.length === 0;
    yield piece;
  }
  if (isEmpty) throw noFile(asked, 'is empty');
}

function expectFitting(pack: Pack, snap: LoadedSnap, settings: JsonObject): void {
  const faults = checkSettings(pack, snap, settings, { isResolved: true });
  if (faults.length === 0) return;
  throw new DataError('SNAP_DOCUMENT_INVALID', `The settings of ${snap.id} do not fit for this document.`, {
    reason: faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; '),
    resolution: 'correct the expressions, or filter out documents without these values',
    faults,
  });
}

function noFile({ doing, path }: Asked, why: string): ExecutionError {
  return new ExecutionError('SNAP_ANSWER_MALFORMED', `${doing} gave no file.`, {
    reason: `the answer to ${path} ${why}`,
    resolution: 'resume the run; if it happens again, open the record and look at its file',
    retryable: true,
  });
}

/** A name that is safe everywhere: of the far side's only the ending is used, when it looks like one. */
function nameOf(answer: AnswerHead, base: string): string {
  const given = /filename\s*=\s*"?([^";]+)/iu.exec(answer.headers['content-disposition'] ?? '')?.[1] ?? '';
  const ending = /^\.[A-Za-z0-9]{1,8}$/.exec(extname(given))?.[0] ?? endingByType(contentTypeOf(answer)) ?? '.bin';
  return `${base.replace(/[^A-Za-z0-9_-]+/gu, '-').slice(0, nameLengthMax)}${ending.toLowerCase()}`;
}

const isAttachment = ({ headers }: AnswerHead): boolean =>
  /^\s*attachment\b/iu.test(headers['content-disposition'] ?? '');

const contentTypeOf = ({ headers }: AnswerHead): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

function unusable(snap: LoadedSnap): never {
  throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The settings of ${snap.id} cannot be used.`, {
    reason: 'they name no documented file of the resource',
    resolution: 'run "snaps pipeline check" on the pipeline',
  });
}
