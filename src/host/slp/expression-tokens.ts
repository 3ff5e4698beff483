// Owns cutting an expression of a foreign pipeline into tokens. JavaScript's spelling, without its regular expressions and templates.

export interface Token {
  readonly kind: 'number' | 'string' | 'name' | 'sign' | 'end';
  /** The value of a string, the spelling of anything else. */
  readonly text: string;
}

/** Why an expression was not translated, in words for a person. */
export class Untranslatable extends Error {}

const signs = ['===', '!==', '==', '!=', '<=', '>=', '&&', '||', '=>', ...'()[]{}.,?:!<>+-*/%'];
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

/** The tokens in their order, an end token last. Throws Untranslatable. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const blank = /^\s+/u.exec(rest);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const found = tokenAt(rest);
    tokens.push(found.token);
    at += found.length;
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

function tokenAt(rest: string): { readonly token: Token; readonly length: number } {
  const number = /^(?:\d+(?:\.\d+)?)(?![\w$.])/u.exec(rest);
  if (number !== null) return { token: { kind: 'number', text: number[0] }, length: number[0].length };
  const name = /^[A-Za-z_$][\w$]*/u.exec(rest);
  if (name !== null) return { token: { kind: 'name', text: name[0] }, length: name[0].length };
  if (rest.startsWith('"') || rest.startsWith("'")) return stringAt(rest);
  const sign = signs.find((each) => rest.startsWith(each));
  if (sign === undefined) throw new Untranslatable(`holds "${rest.slice(0, 10)}", which is not understood`);
  return { token: { kind: 'sign', text: sign }, length: sign.length };
}

function stringAt(rest: string): { readonly token: Token; readonly length: number } {
  const whole = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/su.exec(rest)?.[0];
  if (whole === undefined) throw new Untranslatable('has a text that does not end');
  const text = whole.slice(1, -1).replace(/\\(?:u([\da-fA-F]{4})|(.))/gsu, (_, code?: string, letter = '') => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return escapes[letter] ?? letter;
  });
  return { token: { kind: 'string', text }, length: whole.length };
}
