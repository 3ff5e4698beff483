// Owns reading the subset of GraphQL that the API's own examples use: one query of fields with arguments, aliases and variables.
// Fragments, directives, mutations and subscriptions are refused by name (GraphQL specification, October 2021, section 2).

/** A value of an argument. */
export type GraphValue = string | number | boolean | null;

/** One field of a selection. */
export interface GraphField {
  readonly alias: string;
  readonly name: string;
  readonly values: Readonly<Record<string, GraphValue>>;
  readonly fields: readonly GraphField[];
}

const charactersMax = 50_000;
const depthMax = 8;
const tokenPattern = /[\s,]+|#[^\n]*|([_A-Za-z]\w*)|("(?:[^"\\\n]|\\.)*")|(-?\d+(?:\.\d+)?)|(\.\.\.|[!$():=@[\]{}])/uy;

/** Reads a document. Throws a SyntaxError that says what is not understood, and where. */
export function parseGraphql(text: string, variables: Readonly<Record<string, unknown>>): readonly GraphField[] {
  if (text.length > charactersMax) throw new SyntaxError(`a query has at most ${charactersMax} characters`);
  return new Parser(tokensOf(text), variables).document();
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  for (let place = 0; place < text.length; place = tokenPattern.lastIndex) {
    tokenPattern.lastIndex = place;
    const found = tokenPattern.exec(text);
    if (!found) throw new SyntaxError(`unexpected ${JSON.stringify(text.charAt(place))} at character ${place + 1}`);
    const token = found[1] ?? found[2] ?? found[3] ?? found[4];
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #variables: Readonly<Record<string, unknown>>;
  #place = 0;

  constructor(tokens: readonly string[], variables: Readonly<Record<string, unknown>>) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  document(): readonly GraphField[] {
    const operation = this.#peek();
    if (operation === 'mutation' || operation === 'subscription')
      throw new SyntaxError(`${operation} is not served: queries only`);
    if (operation === 'query') {
      this.#take();
      if (this.#peek() !== '{' && this.#peek() !== '(') this.#name();
      // Types of variables are not checked: the values are.
      if (this.#peek() === '(') while (this.#take() !== ')');
    }
    const fields = this.#selection(1);
    if (this.#place < this.#tokens.length) throw new SyntaxError(`unexpected ${this.#peek()}: one query is taken`);
    return fields;
  }

  #selection(depth: number): readonly GraphField[] {
    if (depth > depthMax) throw new SyntaxError(`a query is at most ${depthMax} deep`);
    this.#expect('{');
    const fields: GraphField[] = [];
    while (this.#peek() !== '}') fields.push(this.#field(depth));
    this.#take();
    if (fields.length === 0) throw new SyntaxError('a selection names at least one field');
    return fields;
  }

  #field(depth: number): GraphField {
    const first = this.#name();
    const isAlias = this.#peek() === ':';
    if (isAlias) this.#take();
    const name = isAlias ? this.#name() : first;
    const values = this.#peek() === '(' ? this.#arguments() : {};
    return { alias: first, name, values, fields: this.#peek() === '{' ? this.#selection(depth + 1) : [] };
  }

  #arguments(): Readonly<Record<string, GraphValue>> {
    const values: Record<string, GraphValue> = {};
    this.#expect('(');
    while (this.#peek() !== ')') {
      const name = this.#name();
      this.#expect(':');
      values[name] = this.#value();
    }
    this.#take();
    return values;
  }

  #value(): GraphValue {
    const token = this.#take();
    if (token === '$') return this.#variable(this.#name());
    if (token.startsWith('"')) return JSON.parse(token) as string;
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === 'null') return null;
    if (/^[-\d]/u.test(token)) return Number(token);
    if (/^\w/u.test(token)) return token;
    throw new SyntaxError(`unexpected ${token}: an argument is a text, a number, true, false or null`);
  }

  #variable(name: string): GraphValue {
    const value = this.#variables[name] ?? null;
    if (typeof value === 'object' && value !== null)
      throw new SyntaxError(`the variable $${name} is not a plain value`);
    return value as GraphValue;
  }

  #name(): string {
    const token = this.#take();
    if (token === '...') throw new SyntaxError('fragments are not served');
    if (!/^[_A-Za-z]/u.test(token)) throw new SyntaxError(`unexpected ${token}: a name is expected`);
    return token;
  }

  #expect(token: string): void {
    const found = this.#take();
    if (found !== token) throw new SyntaxError(`expected ${token}, found ${found}`);
  }

  #peek(): string {
    return this.#tokens[this.#place] ?? 'the end';
  }

  #take(): string {
    const token = this.#tokens[this.#place];
    if (token === undefined) throw new SyntaxError('the query ends too early');
    this.#place += 1;
    return token;
  }
}
