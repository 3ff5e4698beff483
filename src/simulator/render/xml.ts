// Owns XML as the API writes and reads it: kebab-case elements, types as attributes, `nil` for what is empty.
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { problem } from '../query/problem.ts';
import { singular } from '../records/paths.ts';

const head = '<?xml version="1.0" encoding="UTF-8"?>';

/** Writes one record under a root element. */
export const recordXml = (root: string, record: JsonObject): string => `${head}\n${element(root, record)}\n`;

/** Writes a list of records; the root is the plural, each record the singular. */
export function listXml(plural: string, records: readonly JsonObject[]): string {
  return `${head}\n${element(plural, records)}\n`;
}

/** Writes the messages of a refusal. */
export function errorsXml(messages: readonly string[]): string {
  return `${head}\n<errors>${messages.map((message) => `<error>${escapeText(message)}</error>`).join('')}</errors>\n`;
}

function element(name: string, value: JsonValue): string {
  if (value === null) return `<${name} nil="true"/>`;
  if (Array.isArray(value)) {
    const members = (value as readonly JsonValue[]).map((member) => element(singular(name), member)).join('');
    return `<${name} type="array">${members}</${name}>`;
  }
  if (typeof value === 'object') {
    const inner = Object.entries(value)
      .map(([field, below]) => element(field, below))
      .join('');
    return `<${name}>${inner}</${name}>`;
  }
  const type = typeof value === 'number' ? ' type="integer"' : typeof value === 'boolean' ? ' type="boolean"' : '';
  return `<${name}${type}>${escapeText(String(value))}</${name}>`;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeText = (text: string): string => text.replace(/[&<>"]/gu, (sign) => escapes[sign] ?? sign);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#text',
  parseTagValue: false,
  ignoreDeclaration: true,
  processEntities: true,
});

/** Reads the one record of an XML body. Throws an ApiProblem with status 400. */
export function readRecordXml(text: string): JsonObject {
  if (XMLValidator.validate(text) !== true) throw problem(400, 'the body is not well-formed XML');
  const roots = Object.values(parser.parse(text) as Readonly<Record<string, unknown>>);
  const record = fromXml(roots[0]);
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw problem(400, 'the body holds no record');
  return record as JsonObject;
}

function fromXml(node: unknown): JsonValue {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return node.map(fromXml);
  if (typeof node !== 'object' || node === null) return null;
  const { '@type': type, '@nil': nil, '#text': text, ...fields } = node as Readonly<Record<string, unknown>>;
  if (nil === 'true') return null;
  const written = typeof text === 'string' ? text : '';
  if (type === 'array') return Object.values(fields).flat().map(fromXml);
  if (type === 'integer') return Number(written);
  if (type === 'boolean') return written === 'true';
  if (Object.keys(fields).length === 0) return written;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, fromXml(value)]));
}
