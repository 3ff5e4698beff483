// Owns writing a document as an XML element, so that reading it gives its texts back.
import { isRawNumber, rawDigits } from '../document/exact-json.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';

export interface XmlNames {
  readonly root: string;
  readonly record: string;
}

export const xmlHead = ({ root }: XmlNames): string => `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>\n`;
export const xmlEnd = ({ root }: XmlNames): string => `</${root}>\n`;

/**
 * A document as one element. Members become elements; those named with "@" before become attributes, "#text" becomes
 * text. A list is its elements one after another, null an empty element. What XML cannot hold is replaced: "_" for a
 * character that no name has, U+FFFD for one that no text has.
 */
export function xmlRecord({ record }: XmlNames, value: JsonObject): string {
  return element(record, value);
}

function element(name: string, value: JsonValue): string {
  // A list in a list has no name of its own.
  if (Array.isArray(value)) return `<${name}>${value.map((item) => element('item', item)).join('')}</${name}>`;
  if (!isMembers(value)) return tagged(name, '', scalarText(value));
  let attributes = '';
  let content = '';
  for (const [key, member] of Object.entries(value)) {
    const isScalar = !isMembers(member) && !Array.isArray(member);
    if (key === '#text' && isScalar) content += scalarText(member);
    else if (key.startsWith('@') && key.length > 1 && isScalar) {
      attributes += ` ${nameOf(key.slice(1))}="${scalarText(member)}"`;
    } else if (Array.isArray(member)) content += member.map((item) => element(nameOf(key), item)).join('');
    else content += element(nameOf(key), member);
  }
  return tagged(name, attributes, content);
}

function tagged(name: string, attributes: string, content: string): string {
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

function isMembers(value: JsonValue): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !isRawNumber(value);
}

function scalarText(value: JsonValue): string {
  if (value === null) return '';
  return isRawNumber(value) ? rawDigits(value) : escapeText(String(value));
}

const replacements: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader makes a space of these in an attribute, and a line feed of a carriage return anywhere.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** XML 1.0, section 2.2: control characters, U+FFFE, U+FFFF and lone surrogates can never stand in a text. */
function escapeText(text: string): string {
  return text
    .replace(/[&<>"\t\n\r]/g, (character) => replacements[character] ?? character)
    .replace(/(?![\x7f-\x9f])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
}

/** A name of an element or attribute; the colon is left to prefixes that a document brings along. */
function nameOf(key: string): string {
  const name = key.replace(/[^\p{L}\p{N}._:-]/gu, '_');
  return /^[\p{L}_:]/u.test(name) ? name : `_${name}`;
}
