// Owns reading multipart/form-data bodies (RFC 7578), with the platform's own reader.
import type { IncomingHttpHeaders } from 'node:http';
import type { UploadedPart } from './api.ts';

const partsMax = 100;

/** Gives the parts of a form; undefined when the body is none, a message when it cannot be read. */
export async function readParts(
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<readonly UploadedPart[] | string | undefined> {
  const type = headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/iu.test(type)) return undefined;
  let entries: [string, string | File][];
  try {
    entries = [...(await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData())];
  } catch {
    return 'the body is not multipart/form-data as its boundary says';
  }
  if (entries.length > partsMax) return `a form has at most ${partsMax} parts`;
  return Promise.all(
    entries.map(async ([name, value]): Promise<UploadedPart> => {
      if (typeof value === 'string') return { name, text: value };
      const bytes = Buffer.from(await value.arrayBuffer());
      const contentType = value.type === '' ? 'application/octet-stream' : value.type;
      return { name, text: '', file: { name: value.name, contentType, bytes } };
    }),
  );
}
