// Owns which format a request speaks and in which it is answered: XML unless it asks for JSON (API guide, "Get Started").
import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../../document/json.ts';
import { problem } from '../query/problem.ts';
import { readRecordXml } from '../render/xml.ts';

export type Format = 'json' | 'xml';

/** The format of the answer. Throws an ApiProblem with status 406 when neither is accepted. */
export function readAccept(headers: IncomingHttpHeaders): Format {
  const accept = headers.accept ?? '*/*';
  if (/\bjson\b/u.test(accept)) return 'json';
  if (/\bxml\b|\*\/\*/u.test(accept)) return 'xml';
  throw problem(406, `no format of ${JSON.stringify(accept)} is served: accept application/json or application/xml`);
}

/** Reads the record in a body. Throws an ApiProblem: 415 for another format than the answer's, 400 for what does not parse. */
export function readBody(headers: IncomingHttpHeaders, body: Buffer, answer: Format): JsonObject {
  if (body.length === 0) return {};
  const type = headers['content-type'] ?? '';
  const format = /\bjson\b/u.test(type) ? 'json' : /\bxml\b/u.test(type) ? 'xml' : undefined;
  if (!format) throw problem(415, `the content type ${JSON.stringify(type)} is not served`);
  if (format !== answer) throw problem(415, 'Accept and Content-Type must name the same format');
  if (format === 'xml') return readRecordXml(body.toString('utf8'));
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw problem(400, 'the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw problem(400, 'the body holds no record');
  return value as JsonObject;
}
