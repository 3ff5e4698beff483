// Owns making one upload of one document: the file found and measured, its name made safe, the form spelled out. Sends nothing.
import { createHash } from 'node:crypto';
import type { Document } from '../../document/index.ts';
import type { JsonObject } from '../../document/json.ts';
import { DataError, SnapError } from '../../errors.ts';
import type { Operation } from '../../pack/index.ts';
import { contentTypeByName } from '../content-types.ts';
import type { FileMark, FileSource } from '../file-sink.ts';
import type { RecordedForm } from './form-body.ts';
import { doingOf, hashOf, noCall, originOf, type PlannedWrite, type WriteSurroundings } from './plan-write.ts';
import { callTarget, parentsOf, writeCalls } from './write-call.ts';

type Upload = NonNullable<Operation['upload']>;

const nameLengthMax = 120;

/** Plans the upload of a document's file. Throws SNAP_DOCUMENT_INVALID for a file that cannot be sent. */
export async function planUpload(
  document: Document,
  settings: JsonObject,
  around: WriteSurroundings & { readonly files: FileSource },
): Promise<PlannedWrite> {
  const { operation, resource, files } = around;
  const { upload } = operation;
  const [call] = resource === undefined ? [] : writeCalls(operation, resource, settings);
  if (upload === undefined || call === undefined) throw noCall(operation, resource);
  const id = settings[operation.idSetting ?? ''];
  const target = callTarget(call.path, { ...parentsOf(operation, settings), id }, []);
  const { open, ...file } = await findFile(upload, settings, files);
  const form: RecordedForm = { ...file, ...formOf(upload, settings, file.name) };
  const values: [string, string][] = [
    ['record', target],
    ['file', form.name],
  ];
  return {
    document,
    operation,
    resource,
    settings,
    hash: hashOf([operation.id, target, form as unknown as JsonObject]),
    origin: originOf(document),
    key: { values, text: JSON.stringify(values) },
    keyFields: [],
    doing: doingOf(operation, resource, settings),
    scope: call.scope,
    warnings: [],
    form,
    open,
    request: () => ({
      method: call.verb,
      target,
      repeatable: operation.idempotence === 'safe',
      body: JSON.stringify(form),
      isForm: true,
    }),
  };
}

interface FoundFile extends FileMark {
  readonly path: string | null;
  readonly name: string;
  readonly open: () => AsyncIterable<Uint8Array>;
}

async function findFile(upload: Upload, settings: JsonObject, files: FileSource): Promise<FoundFile> {
  const path = settings[upload.pathSetting];
  const given = settings[upload.nameSetting];
  const { bytesMax } = upload;
  if (typeof path === 'string') {
    const mark = await measured(files, path, bytesMax);
    return { ...mark, path, name: safeName(typeof given === 'string' ? given : path), open: () => files.read(path) };
  }
  const bytes = decodeContent(settings[upload.contentSetting]);
  if (bytes.length === 0) throw unsendable('of the document', 'it holds no bytes');
  if (bytes.length > bytesMax) throw unsendable('of the document', `it holds more than ${bytesMax} bytes`);
  return {
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    path: null,
    name: safeName(String(given)),
    open: async function* () {
      yield bytes;
    },
  };
}

/** A file that is missing, out of bounds or too large is the fault of its document: other documents have other files. */
async function measured(files: FileSource, path: string, bytesMax: number): Promise<FileMark> {
  let mark: FileMark;
  try {
    mark = await files.measure(path, bytesMax);
  } catch (thrown) {
    if (!(thrown instanceof SnapError)) throw thrown;
    throw unsendable(JSON.stringify(path), thrown.reason);
  }
  if (mark.bytes === 0) throw unsendable(JSON.stringify(path), 'it is empty');
  return mark;
}

function decodeContent(content: unknown): Buffer {
  const text = String(content).replace(/\s+/gu, '');
  const bytes = Buffer.from(text, 'base64');
  // Node leaves out what is not base64; half a file would be sent.
  if (bytes.toString('base64').replace(/=+$/u, '') === text.replace(/=+$/u, '')) return bytes;
  throw unsendable('of the document', 'its content is not base64 (RFC 4648, section 4)');
}

function formOf(
  upload: Upload,
  settings: JsonObject,
  name: string,
): Pick<RecordedForm, 'field' | 'fields' | 'contentType'> {
  const field = settings[upload.fieldSetting ?? ''];
  const contentType = settings[upload.contentTypeSetting];
  return {
    field: typeof field === 'string' ? field : upload.field,
    contentType: typeof contentType === 'string' ? contentType : contentTypeByName(name),
    fields: Object.entries(upload.fields ?? {}).flatMap(([key, { value, setting }]) => {
      const said = value ?? settings[setting ?? ''];
      return said === undefined || said === null ? [] : [[key, oneLine(String(said))] as const];
    }),
  };
}

/** The last part of a path, without what a header, a shell or some file system takes for more than a name. */
function safeName(path: string): string {
  const last = path.split(/[\\/]/u).at(-1) ?? '';
  const name = last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"*:<>?|;%]+/gu, '-').replace(/^[.\s-]+|[.\s]+$/gu, '');
  const ending = /\.[A-Za-z0-9]{1,8}$/u.exec(name)?.[0] ?? '';
  const stem = [...name.slice(0, name.length - ending.length)].slice(0, nameLengthMax).join('');
  return `${stem === '' ? 'file' : stem}${ending}`;
}

/** A line break would begin another part of the form. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}]+/gu, ' ');

function unsendable(what: string, reason: string): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', `The file ${what} cannot be sent.`, {
    reason,
    resolution: 'correct the path or the file, or route such documents to the error view',
  });
}
