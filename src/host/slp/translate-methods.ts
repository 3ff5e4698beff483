// Owns what foreign methods and functions are in JSONata: those that surely give the same, or an error instead of another value.
import { Untranslatable } from './expression-tokens.ts';
import { pathTo, spellField, type Translated } from './spelling.ts';

type Method = (value: Translated, given: readonly Translated[]) => Translated;

const text = (written: string): Translated => ({ text: written, type: 'string' });
const truth = (written: string): Translated => ({ text: written, type: 'boolean' });
const number = (written: string): Translated => ({ text: written, type: 'number' });

const methods: Readonly<Record<string, Method>> = {
  toUpperCase: (value) => text(`$uppercase(${value.text})`),
  toLowerCase: (value) => text(`$lowercase(${value.text})`),
  // JSONata's own $trim also joins blanks inside of the text.
  trim: (value) => text(`$replace(${value.text}, /^\\s+|\\s+$/, "")`),
  toString: (value: Translated) => text(`$string(${value.text})`),
  contains: (value, given) => truth(`$contains(${value.text}, ${textOf(given[0])})`),
  includes: (value, given) => truth(`$contains(${value.text}, ${textOf(given[0])})`),
  startsWith: (value, given) => {
    const wanted = textOf(given[0]);
    return truth(`($substring(${value.text}, 0, $length(${wanted})) = ${wanted})`);
  },
  endsWith: (value, given) => {
    const wanted = textOf(given[0]);
    return truth(`($substring(${value.text}, $length(${value.text}) - $length(${wanted})) = ${wanted})`);
  },
  split: (value, given) => ({ text: `$split(${value.text}, ${textOf(given[0])})`, type: 'unknown' }),
  join: (value, given) => text(`$join(${value.text}, ${textOf(given[0])})`),
  // JavaScript's replace with a text takes the first place only.
  replace: (value, given) => text(`$replace(${value.text}, ${textOf(given[0])}, ${textOf(given[1])}, 1)`),
  replaceAll: (value, given) => text(`$replace(${value.text}, ${textOf(given[0])}, ${textOf(given[1])})`),
  substring: (value, given) => {
    const from = countOf(given[0]);
    if (given.length < 2) return text(`$substring(${value.text}, ${from})`);
    const to = countOf(given[1]);
    if (to < from) throw new Untranslatable('takes a part of a text from its end to its beginning');
    return text(`$substring(${value.text}, ${from}, ${to - from})`);
  },
  hasOwnProperty: (value: Translated, given: readonly Translated[]) =>
    truth(`$exists(${pathTo(value, nameOf(given[0]))})`),
  hasPath: (value, given) => truth(`$exists(${walkTo(value, nameOf(given[0]))})`),
  get: (value, given) => {
    if (given.length > 1) throw new Untranslatable('gives a value for a field that is missing');
    return { text: pathTo(value, nameOf(given[0])), type: 'unknown' };
  },
};

/** A field of a value, or a method called on it (`given` holds its arguments then). Throws Untranslatable. */
export function translateMember(value: Translated, name: string, given?: readonly Translated[]): Translated {
  if (given === undefined) {
    if (name !== 'length') return { text: pathTo(value, name), type: 'unknown' };
    if (value.type === 'string') return number(`$length(${value.text})`);
    throw new Untranslatable('asks for the length of something that may be a text or a list');
  }
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) throw new Untranslatable(`calls .${name}()`);
  return method(value, given);
}

/** A function that stands by itself: NAME(...) or NAME.METHOD(...). Throws Untranslatable. */
export function translateCall(
  name: string,
  { method, given }: { readonly method: string | undefined; readonly given: readonly Translated[] },
): Translated {
  const whole = method === undefined ? name : `${name}.${method}`;
  const [first] = given;
  if (first === undefined) throw new Untranslatable(`calls ${whole}()`);
  if (whole === 'parseFloat' || whole === 'Number') return number(`$number(${first.text})`);
  if (whole === 'String') return text(`$string(${first.text})`);
  if (whole === 'JSON.stringify') return text(`$string(${first.text})`);
  const plain = ['Math.abs', 'Math.floor', 'Math.ceil'];
  if (plain.includes(whole)) return number(`$${String(method)}($number(${first.text}))`);
  throw new Untranslatable(`calls ${whole}()`);
}

function textOf(value: Translated | undefined): string {
  if (value?.type === 'string') return value.text;
  throw new Untranslatable('hands a method something that is not surely a text');
}

function nameOf(value: Translated | undefined): string {
  if (typeof value?.literal === 'string') return value.literal;
  throw new Untranslatable('names a field by a value that is not written out');
}

function countOf(value: Translated | undefined): number {
  if (typeof value?.literal === 'number' && Number.isInteger(value.literal)) return value.literal;
  throw new Untranslatable('counts characters by a value that is not written out');
}

function walkTo(value: Translated, path: string): string {
  const names = path.split('.');
  if (!names.every((name) => /^[\w-]+$/u.test(name))) throw new Untranslatable(`follows the path "${path}"`);
  return names.reduce(
    (so, name) => (so === '$' ? spellField(name) : pathTo({ text: so, type: 'unknown' }, name)),
    value.text,
  );
}
