// Owns a run's parameters: declared types, defaults, and values given as text.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import { joinPointer, nearestWord } from '../schema/index.ts';
import type { Parameter } from './pipeline-file.ts';

type Declared = Readonly<Record<string, Parameter>>;
type Given = Readonly<Record<string, JsonValue>>;

/** Checks what is declared, and what is given when something is; text becomes what the parameter's type says. */
export function resolveParameters(
  declared: Declared,
  given: Given | undefined,
): { values: JsonObject; faults: Fault[] } {
  const faults: Fault[] = [];
  const values: Record<string, JsonValue> = {};
  for (const [name, parameter] of Object.entries(declared)) {
    const pointer = joinPointer('/parameters', name);
    // The schema names an unknown type; values of it can be held to nothing.
    if (!Object.hasOwn(typeWords, parameter.type)) continue;
    if (parameter.default !== undefined && !isOf(parameter, parameter.default)) {
      faults.push({
        pointer: `${pointer}/default`,
        message: `must be ${typeWords[parameter.type]}; found ${JSON.stringify(parameter.default)}`,
      });
    }
    const value =
      given !== undefined && Object.hasOwn(given, name) ? convert(parameter, given[name]) : parameter.default;
    if (value === undefined && given !== undefined) {
      const found = Object.hasOwn(given, name) ? `; found ${JSON.stringify(given[name])}` : '';
      const message =
        found === '' ? 'has no default and must be given' : `must be ${typeWords[parameter.type]}${found}`;
      faults.push({ pointer, message });
    }
    if (value !== undefined) values[name] = value;
  }
  for (const name of Object.keys(given ?? {})) {
    if (Object.hasOwn(declared, name)) continue;
    const near = nearestWord(name, Object.keys(declared));
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    faults.push({
      pointer: joinPointer('/parameters', name),
      message: `the pipeline has no parameter "${name}"${hint}`,
    });
  }
  return { values, faults };
}

const typeWords: Readonly<Record<Parameter['type'], string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

function isOf({ type }: Parameter, value: JsonValue): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  return type === 'number' ? Number.isFinite(value) : typeof value === type;
}

function convert(parameter: Parameter, value: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined || isOf(parameter, value)) return value;
  if (typeof value !== 'string') return undefined;
  if (parameter.type === 'boolean') return value === 'true' ? true : value === 'false' ? false : undefined;
  // Number('') is 0 and Number('0x10') is 16: only plain decimal spelling counts.
  const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return isOf(parameter, number) ? number : undefined;
}
