// Owns turning an expression of a foreign pipeline (JavaScript's spelling over $field and _parameter) into JSONata, where
// both surely mean the same. What is only nearly the same comes with a remark; anything else is refused, never guessed.
import { type Token, tokensOf, Untranslatable } from './expression-tokens.ts';
import { pathTo, spellField, type Translated } from './spelling.ts';
import { translateCall, translateMember } from './translate-methods.ts';

export interface Translation {
  readonly text: string;
  /** What a person should look at, though it was translated. */
  readonly remarks: readonly string[];
}

/** Depth of brackets and operators that is followed. */
const depthMax = 100;
const nearlyEqual =
  'JavaScript\'s == also holds between a text and a number; here "5" and 5 differ: check which one the field holds';

/** The JSONata of an expression. Throws Untranslatable with the reason. */
export function translateExpression(source: string): Translation {
  const translator = new Translator(tokensOf(source));
  const { text } = translator.whole();
  return { text, remarks: [...translator.remarks] };
}

class Translator {
  readonly remarks = new Set<string>();
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Translated {
    const value = this.#choice();
    if (this.#peek().kind !== 'end')
      throw new Untranslatable(`goes on with "${this.#peek().text}", which is not understood`);
    return value;
  }

  /** Arguments after an opening bracket, the closing one taken. */
  #list(closing: string): Translated[] {
    const values: Translated[] = [];
    while (!this.#take(closing)) {
      if (values.length > 0) this.#need(',');
      values.push(this.#choice());
    }
    return values;
  }

  #choice(): Translated {
    this.#depth += 1;
    if (this.#depth > depthMax) throw new Untranslatable(`is nested deeper than ${depthMax}`);
    const condition = this.#either();
    this.#depth -= 1;
    if (!this.#take('?')) return condition;
    needBoolean(condition, 'the condition before ?');
    const then = this.#choice();
    this.#need(':');
    const otherwise = this.#choice();
    const type = then.type === otherwise.type ? then.type : 'unknown';
    return { text: `(${condition.text} ? ${then.text} : ${otherwise.text})`, type };
  }

  #either(): Translated {
    return this.#logic('||', 'or', () => this.#logic('&&', 'and', () => this.#equality()));
  }

  #logic(sign: string, word: string, next: () => Translated): Translated {
    let left = next();
    while (this.#take(sign)) {
      const right = next();
      needBoolean(left, `what stands before ${sign}`);
      needBoolean(right, `what stands after ${sign}`);
      left = { text: `(${left.text} ${word} ${right.text})`, type: 'boolean' };
    }
    return left;
  }

  #equality(): Translated {
    let left = this.#order();
    for (let sign = this.#peek().text; this.#isSign('==', '===', '!=', '!=='); sign = this.#peek().text) {
      this.#at += 1;
      const right = this.#order();
      left = { text: this.#equal(left, right, sign), type: 'boolean' };
    }
    return left;
  }

  #equal(left: Translated, right: Translated, sign: string): string {
    const isNot = sign.startsWith('!');
    const known = left.type === 'null' ? right : left;
    if (left.type === 'null' || right.type === 'null') {
      if (known.type === 'null') throw new Untranslatable('compares null with null');
      // A missing field equals null under ==, and JSONata tells the two apart.
      if (sign.length === 3) throw new Untranslatable(`compares with null by ${sign}`);
      return isNot
        ? `($exists(${known.text}) and ${known.text} != null)`
        : `($not($exists(${known.text})) or ${known.text} = null)`;
    }
    const isText = left.type === 'string' || right.type === 'string';
    if (sign.length === 2 && left.type !== right.type && !isText) this.remarks.add(nearlyEqual);
    // JSONata says neither = nor != of a missing field; JavaScript says that it differs.
    return isNot ? `$not(${left.text} = ${right.text})` : `(${left.text} = ${right.text})`;
  }

  #order(): Translated {
    let left = this.#sum();
    for (let sign = this.#peek().text; this.#isSign('<', '>', '<=', '>='); sign = this.#peek().text) {
      this.#at += 1;
      const right = this.#sum();
      const isNumeric = left.type === 'number' || right.type === 'number';
      const [one, other] = isNumeric ? [asNumber(left), asNumber(right)] : [left.text, right.text];
      left = { text: `(${one} ${sign} ${other})`, type: 'boolean' };
    }
    return left;
  }

  #sum(): Translated {
    let left = this.#product();
    for (let sign = this.#peek().text; this.#isSign('+', '-'); sign = this.#peek().text) {
      this.#at += 1;
      left = added(left, this.#product(), sign);
    }
    return left;
  }

  #product(): Translated {
    let left = this.#unary();
    for (let sign = this.#peek().text; this.#isSign('*', '/', '%'); sign = this.#peek().text) {
      this.#at += 1;
      left = { text: `(${asNumber(left)} ${sign} ${asNumber(this.#unary())})`, type: 'number' };
    }
    return left;
  }

  #unary(): Translated {
    if (this.#take('!')) {
      this.#depth += 1;
      if (this.#depth > depthMax) throw new Untranslatable(`is nested deeper than ${depthMax}`);
      const inner = this.#unary();
      this.#depth -= 1;
      needBoolean(inner, 'what stands after !');
      return { text: `$not(${inner.text})`, type: 'boolean' };
    }
    if (this.#take('-')) return { text: `(-${asNumber(this.#member())})`, type: 'number' };
    return this.#member();
  }

  #member(): Translated {
    let value = this.#head();
    for (;;) {
      if (this.#take('.')) {
        const name = this.#name();
        const given = this.#take('(') ? this.#list(')') : undefined;
        value = translateMember(value, name, given);
      } else if (this.#take('[')) {
        const key = this.#choice();
        this.#need(']');
        value = indexed(value, key);
      } else {
        return value;
      }
    }
  }

  #head(): Translated {
    const token = this.#peek();
    this.#at += 1;
    if (token.kind === 'number') return { text: token.text, type: 'number', literal: Number(token.text) };
    if (token.kind === 'string') return { text: JSON.stringify(token.text), type: 'string', literal: token.text };
    if (token.text === '(') {
      const inner = this.#choice();
      this.#need(')');
      return inner;
    }
    if (token.text === '[')
      return {
        text: `[${this.#list(']')
          .map(({ text }) => text)
          .join(', ')}]`,
        type: 'unknown',
      };
    if (token.kind !== 'name') throw new Untranslatable(token.text === '' ? 'ends too early' : `uses "${token.text}"`);
    if (token.text === 'true' || token.text === 'false') return { text: token.text, type: 'boolean' };
    if (token.text === 'null' || token.text === 'undefined') return { text: 'null', type: 'null' };
    if (token.text === '$') return { text: '$', type: 'unknown' };
    if (token.text.startsWith('$')) return { text: spellField(token.text.slice(1)), type: 'unknown' };
    // A parameter's value is always a text there.
    if (/^_[A-Za-z]/u.test(token.text)) return { text: `parameters.${token.text.slice(1)}`, type: 'string' };
    return translateCall(token.text, this.#call(token.text));
  }

  /** The arguments of NAME( or NAME.METHOD(. */
  #call(name: string): { readonly method: string | undefined; readonly given: readonly Translated[] } {
    const method = this.#take('.') ? this.#name() : undefined;
    if (!this.#take('(')) throw new Untranslatable(`uses "${name}${method === undefined ? '' : `.${method}`}"`);
    return { method, given: this.#list(')') };
  }

  #name(): string {
    const { kind, text } = this.#peek();
    if (kind !== 'name') throw new Untranslatable(`has "${text}" where a name belongs`);
    this.#at += 1;
    return text;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  #isSign(...signs: readonly string[]): boolean {
    return this.#peek().kind === 'sign' && signs.includes(this.#peek().text);
  }

  #take(sign: string): boolean {
    if (!this.#isSign(sign)) return false;
    this.#at += 1;
    return true;
  }

  #need(sign: string): void {
    if (!this.#take(sign)) throw new Untranslatable(`lacks "${sign}" before "${this.#peek().text || 'the end'}"`);
  }
}

function needBoolean({ type }: Translated, place: string): void {
  if (type === 'boolean') return;
  throw new Untranslatable(
    `takes ${place} for true or false, and what counts as true differs: compare it with something`,
  );
}

/** JavaScript makes numbers of texts by itself; JSONata refuses them. */
const asNumber = ({ text, type }: Translated): string => (type === 'number' ? text : `$number(${text})`);

function added(left: Translated, right: Translated, sign: string): Translated {
  if (sign === '-') return { text: `(${asNumber(left)} - ${asNumber(right)})`, type: 'number' };
  if (left.type === 'string' || right.type === 'string')
    return { text: `(${left.text} & ${right.text})`, type: 'string' };
  if (left.type === 'number' && right.type === 'number')
    return { text: `(${left.text} + ${right.text})`, type: 'number' };
  throw new Untranslatable('adds values of which nobody says whether they are numbers or texts');
}

function indexed(value: Translated, { literal }: Translated): Translated {
  if (typeof literal === 'string') return { text: pathTo(value, literal), type: 'unknown' };
  if (typeof literal === 'number') return { text: `(${value.text})[${literal}]`, type: 'unknown' };
  throw new Untranslatable('picks a field or an item by a value that is not written out');
}
