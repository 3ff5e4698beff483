// Owns reading XML: the elements that are records are cut out of the stream and parsed one by one. Document type
// declarations are refused, so there are no entities but those of XML itself and nothing outside is ever looked up.
import { XMLParser } from 'fast-xml-parser';
import { decodeText, depthMax } from '../document/index.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { FileRecord } from './file-record.ts';
import { XmlCutter } from './xml-cutter.ts';

export interface XmlSettings {
  /** The name of the elements that are records; each child of the root when undefined. */
  readonly record: string | undefined;
  /** Elements that are lists even where only one stands. */
  readonly lists: readonly string[];
  /** Whether the settings name the encoding, so that the text's own declaration does not count. */
  readonly isDecoded?: boolean;
}

/** Attributes become members with "@" before their name, text beside elements "#text". All values are text. */
export async function* readXml(pieces: AsyncIterable<Buffer>, settings: XmlSettings): AsyncGenerator<FileRecord> {
  const cutter = new XmlCutter(settings.record, settings.isDecoded);
  const parser = createParser(settings.lists);
  for await (const piece of pieces) {
    for (const { bytes, line } of cutter.cut(piece)) yield parseRecord(parser, decodeText(bytes), line);
  }
  cutter.end();
}

function createParser(lists: readonly string[]): XMLParser {
  const isList = new Set(lists);
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    // Amounts and numbers with leading zeros stay what they are.
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    // The numbers of characters are read with these; what else a document type could declare is refused before.
    htmlEntities: true,
    ignorePiTags: true,
    maxNestedTags: depthMax + 1,
    isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && isList.has(name),
  });
}

function parseRecord(parser: XMLParser, text: string, line: number): FileRecord {
  try {
    const root = parser.parse(text) as JsonObject;
    const [parsed] = Object.values(root).flat();
    const value = withoutLayout(parsed ?? '');
    const isObject = typeof value === 'object' && value !== null;
    const document = isObject ? value : value === '' ? {} : { '#text': value };
    return { json: JSON.stringify(document), line };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return { json: JSON.stringify({ text }), line, fault: `it is not XML (${reason})` };
  }
}

/** Without the blank text between elements, which only lays them out. The nesting is bounded by the cutter. */
function withoutLayout(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutLayout);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value);
  const hasElements = members.some(([name]) => name !== '#text' && !name.startsWith('@'));
  return Object.fromEntries(
    members
      .filter(([name, text]) => !(name === '#text' && hasElements && String(text).trim() === ''))
      .map(([name, member]) => [name, withoutLayout(member)]),
  );
}
