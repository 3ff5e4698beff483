// Owns finding the place where a text stops being JSON (RFC 8259). JSON.parse does the parsing; its own messages
// often name no place, and it silently keeps the last of two equal keys.

export interface SyntaxFault {
  /** Counted in UTF-16 code units from 0. */
  readonly offset: number;
  readonly message: string;
}

const token =
  /[ \t\n\r]*(?:([{}[\]:,])|("(?:[\x20\x21\x23-\x5b\x5d-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true\b|false\b|null\b))/y;

const depthMax = 512;

/** What may come next: a value, a key, a colon, or what follows a value. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end';

const wanted: Record<Expected, string> = {
  value: 'a value',
  'value or ]': 'a value or "]"',
  key: 'a property name in double quotes',
  'key or }': 'a property name in double quotes or "}"',
  colon: '":"',
  'comma or end': '"," or the closing bracket',
};

interface Level {
  readonly close: '}' | ']';
  readonly keys: Set<string>;
}

/** The first fault of syntax, or of a key that stands twice in one object; undefined for sound JSON. */
export function findSyntaxFault(text: string): SyntaxFault | undefined {
  const levels: Level[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  for (;;) {
    const level = levels.at(-1);
    if (expected === 'comma or end' && level === undefined) return trailing(text, offset);
    token.lastIndex = offset;
    const match = token.exec(text);
    if (match === null) return unexpected(text, offset, expected);
    const start = token.lastIndex - match[0].trimStart().length;
    const [, mark, string] = match;
    offset = token.lastIndex;
    if (mark === '{' || mark === '[') {
      if (!expected.startsWith('value')) return unexpected(text, start, expected);
      if (levels.length === depthMax) return { offset: start, message: `nested deeper than ${depthMax} levels` };
      levels.push({ close: mark === '{' ? '}' : ']', keys: new Set() });
      expected = mark === '{' ? 'key or }' : 'value or ]';
    } else if (mark === '}' || mark === ']') {
      const mayClose = expected === 'comma or end' || expected.endsWith(mark);
      if (!mayClose || level?.close !== mark) return unexpected(text, start, expected);
      levels.pop();
      expected = 'comma or end';
    } else if (mark === ',') {
      if (expected !== 'comma or end' || level === undefined) return unexpected(text, start, expected);
      expected = level.close === '}' ? 'key' : 'value';
    } else if (mark === ':') {
      if (expected !== 'colon') return unexpected(text, start, expected);
      expected = 'value';
    } else if (string !== undefined && expected.startsWith('key') && level !== undefined) {
      if (level.keys.has(string)) return { offset: start, message: `the property ${string} stands here twice` };
      level.keys.add(string);
      expected = 'colon';
    } else {
      if (!expected.startsWith('value')) return unexpected(text, start, expected);
      expected = 'comma or end';
    }
  }
}

function trailing(text: string, offset: number): SyntaxFault | undefined {
  const rest = text.slice(offset).search(/[^ \t\n\r]/);
  return rest === -1 ? undefined : { offset: offset + rest, message: 'text after the end of the JSON value' };
}

function unexpected(text: string, from: number, expected: Expected): SyntaxFault {
  const rest = text.slice(from).search(/[^ \t\n\r]/);
  if (rest === -1) return { offset: text.length, message: `the text ends where ${wanted[expected]} is needed` };
  const offset = from + rest;
  const found = JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0));
  return { offset, message: `expected ${wanted[expected]}, found ${found === '"\\""' ? 'a string' : found}` };
}
