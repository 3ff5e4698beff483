// Owns the calls that carry files: attachments, scans, pictures, data files. Bytes come back as they went in.
import type { JsonObject } from '../../document/json.ts';
import { make } from '../actions/effects.ts';
import type { Desk } from '../actions/rule.ts';
import type { StoredFile } from '../files/library.ts';
import { problem } from '../query/problem.ts';
import type { Entity } from '../records/entity.ts';
import { type Answer, answer } from './answer.ts';
import type { ApiRequest, UploadedPart } from './api.ts';
import { readBody } from './format.ts';
import { answerEntity, readEntity } from './read.ts';
import { createRecord, presentationOf } from './write.ts';

/** An upload, as asked for. */
export interface UploadRequest {
  readonly slot: string;
  readonly id: string | undefined;
  readonly parent: Entity | undefined;
  readonly request: ApiRequest;
}

/** Answers the bytes of a file. Throws an ApiProblem with status 404 when the record has none. */
export function answerDownload(desk: Desk, slot: string, id: string): Answer {
  const entity = readEntity(desk.collection, id);
  const file = desk.files.read(entity, slot);
  if (!file) throw problem(404, `${entity.type.name} ${id} has no file here`);
  // A name is quoted for old readers and given in full beside it (RFC 6266, section 5).
  const plain = file.name.replaceAll(/[^ -~]|["\\]/gu, '_');
  return {
    status: 200,
    headers: {
      'content-type': file.contentType,
      'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    },
    body: file.bytes,
    ids: [entity.id],
  };
}

/** Takes a file away. */
export function answerFileDelete(desk: Desk, slot: string, id: string): Answer {
  desk.files.remove(readEntity(desk.collection, id), slot);
  return answer(204, desk.format, '');
}

/** Keeps the files of a form: as new attachments or data files, or as the file of the record that the path names. */
export function answerUpload(desk: Desk, upload: UploadRequest): Answer {
  const { slot, id, parent, request } = upload;
  const parts = request.parts ?? [];
  const how = presentationOf(request.url.searchParams);
  const { name } = desk.collection.type;
  if (name === 'attachment') return answerEntity(desk, attach(desk, parts, upload), how, 201);
  if (!request.parts) throw problem(415, 'a file is sent as multipart/form-data');
  const [file, ...more] = parts.flatMap((part) => part.file ?? []);
  if (!file) throw problem(desk.status, "can't be blank", 'file');
  if (name === 'data-file-source' && id === undefined) {
    const made = [file, ...more].map((one) => loadFile(desk, one));
    const [first] = made;
    if (!first) throw problem(desk.status, "can't be blank", 'file');
    return answerEntity(desk, first, how, 201);
  }
  const entity = readEntity(desk.collection, id ?? '');
  desk.files.keep(entity, slot, file);
  desk.collection.change(entity.id, new Map([['updated-at', () => desk.at]]));
  return answerEntity(desk, readEntity(desk.collection, String(parent?.id ?? entity.id)), how);
}

/** The field of a form that holds an attachment; a file in any other field is not looked at. */
const fileField = 'attachment[file]';

/** `attachment[file]` with its type and intent, or a text or link in their place. */
function attach(desk: Desk, parts: readonly UploadedPart[], { parent, request }: UploadRequest): Entity {
  const said: JsonObject = request.parts
    ? Object.fromEntries(parts.filter(({ file }) => !file).map(({ name, text }) => [fieldOf(name), text]))
    : readBody(request.headers, request.body, desk.format);
  const file = parts.find((part) => part.file && part.name === fileField)?.file;
  if (file && said.type !== undefined && said.type !== 'file')
    throw problem(desk.status, 'does not go with a file', 'type');
  const hasOther = typeof said.text === 'string' || typeof said.url === 'string';
  if (!file && !hasOther) throw problem(desk.status, "can't be blank", 'file');
  const made = createRecord(
    desk,
    { type: file ? 'file' : typeof said.url === 'string' ? 'url' : 'text', ...said },
    parent,
  );
  if (file) {
    desk.files.keep(made, 'file', file);
    const url = `/attachment/attachment_file/${made.id}/${encodeURIComponent(file.name)}`;
    desk.collection.change(made.id, new Map([['file-url', () => url]]));
  } else if (typeof said.text === 'string') {
    const bytes = Buffer.from(said.text);
    desk.files.keep(made, 'file', { name: `note-${made.id}.txt`, contentType: 'text/plain; charset=utf-8', bytes });
  }
  return readEntity(desk.collection, String(made.id));
}

const fieldOf = (name: string): string => (/\[([^\]]+)\]$/u.exec(name)?.[1] ?? name).replaceAll('_', '-');

function loadFile(desk: Desk, file: StoredFile): Entity {
  const made = make(desk, 'data-file-source', {
    'file-file-name': file.name,
    'file-content-type': file.contentType,
    'file-file-size': String(file.bytes.length),
    'start-time': desk.at,
    'upload-errors': [],
    'custom-fields': {},
  });
  desk.files.keep(made, 'file', file);
  return made;
}
