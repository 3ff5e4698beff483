// Owns the form that carries a file (RFC 7578): what the journal keeps of it, and its bytes while they are sent. The file is never whole
// in memory; a file that is not the journaled one any more never arrives, for the form's last line is then missing.
import { createHash } from 'node:crypto';
import { DataError } from '../../errors.ts';
import type { StreamedBody } from '../../http/contract.ts';
import type { FileMark } from '../file-sink.ts';

/** A form as the journal keeps it: everything but the bytes of the file. */
export interface RecordedForm extends FileMark {
  /** The field that holds the file. */
  readonly field: string;
  /** The file's name, safe to stand in a header. */
  readonly name: string;
  readonly contentType: string;
  /** Where the file is; null when the document itself holds it. */
  readonly path: string | null;
  /** The fields before the file. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** The header of a form's request. */
export function formContentType(form: RecordedForm): string {
  return `multipart/form-data; boundary=${boundaryOf(form)}`;
}

/** The body of a form; `open` gives the file from its beginning. The body throws SNAP_FILE_CHANGED when that is another file. */
export function formBody(form: RecordedForm, open: () => AsyncIterable<Uint8Array>): StreamedBody {
  const head = Buffer.from(headOf(form));
  const foot = Buffer.from(`\r\n--${boundaryOf(form)}--\r\n`);
  return {
    bytes: head.length + form.bytes + foot.length,
    async *open() {
      yield head;
      yield* unchanged(form, open());
      yield foot;
    },
  };
}

async function* unchanged(form: RecordedForm, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > form.bytes) throw fileChanged(form);
    hash.update(piece);
    yield piece;
  }
  if (bytes !== form.bytes || hash.digest('hex') !== form.sha256) throw fileChanged(form);
}

function headOf(form: RecordedForm): string {
  const line = `--${boundaryOf(form)}\r\n`;
  const fields = form.fields.map(
    ([name, value]) => `${line}Content-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const disposition = `Content-Disposition: form-data; name="${form.field}"; filename="${form.name}"`;
  return `${fields.join('')}${line}${disposition}\r\nContent-Type: ${form.contentType}\r\n\r\n`;
}

/** The same at each sending, so that recorded bytes are resent; no file can hold a part of its own hash on purpose. */
const boundaryOf = ({ sha256 }: RecordedForm): string => `snaps-${sha256.slice(0, 40)}`;

function fileChanged({ name, path, bytes, sha256 }: RecordedForm): DataError {
  return new DataError('SNAP_FILE_CHANGED', `The file "${path ?? name}" was not sent.`, {
    reason: `it is not the file any more that was to be sent: ${bytes} bytes, sha256 ${sha256}`,
    resolution: 'start a new run to send it as it is now; this one does not send it any more',
  });
}
