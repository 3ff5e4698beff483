// Owns making our settings of a foreign snap's settings by the rules of an import table. What no rule takes is listed.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { ImportRule, ImportSetting } from '../../pack/index.ts';
import { joinPointer } from '../../schema/index.ts';
import type { ImportNote } from '../import-contract.ts';
import { Untranslatable } from './expression-tokens.ts';
import { fieldTree } from './field-tree.ts';
import { asRows, type SlpSnap, type SlpValue, settingAt, textOf, unwrap } from './slp-file.ts';
import { translateExpression } from './translate-expression.ts';

/** Stands before an expression that was not translated; no expression begins so, and a check names the place. */
export const untranslatedMark = 'NOT IMPORTED';

/** Collects what a person must look at. */
export class ImportNotes {
  readonly unmapped: ImportNote[] = [];
  readonly remarks: ImportNote[] = [];
}

export interface SettingsMapping {
  readonly snap: SlpSnap;
  readonly rule: ImportRule;
  readonly notes: ImportNotes;
}

/** Our settings, with every setting that was not taken listed in the notes. */
export function mapSettings({ snap, rule, notes }: SettingsMapping): JsonObject {
  const mapper = new SettingsMapper(snap, notes);
  const settings: Record<string, JsonValue> = {};
  const taken = new Set(['execution_mode']);
  for (const [name, setting] of Object.entries(rule.settings ?? {})) {
    const from = (setting.from ?? []).find((path) => isThere(settingAt(snap.settings, path)));
    const value = from === undefined ? (setting.always as JsonValue | undefined) : mapper.value(setting, from);
    if (from !== undefined) taken.add(from);
    for (const { inherits } of Object.values(setting.columns ?? {}))
      if (inherits !== undefined) taken.add(inherits.from);
    if (value !== undefined) settings[name] = value;
  }
  mapper.listLost(taken, rule.neutral ?? {});
  return settings;
}

const isThere = ({ value, isExpression }: SlpValue): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  !(Array.isArray(value) && value.length === 0 && !isExpression);

class SettingsMapper {
  readonly #snap: SlpSnap;
  readonly #notes: ImportNotes;

  constructor(snap: SlpSnap, notes: ImportNotes) {
    this.#snap = snap;
    this.#notes = notes;
  }

  value(setting: ImportSetting, from: string): JsonValue | undefined {
    const found = settingAt(this.#snap.settings, from);
    const pointer = this.#pointer(from);
    if (setting.as === 'fields') return this.#fields(setting, found, pointer);
    if (setting.as === 'routes') return this.#routes(setting, found, pointer);
    if (setting.as === 'filters') return this.#filters(setting, found, pointer);
    if (setting.as === 'rows') return this.#rows(setting, found, pointer);
    if (setting.as === 'values') return this.#values(setting, found, pointer);
    if (setting.as === 'expressions') return this.#expressions(setting, found, pointer);
    if (setting.as === 'expression') return this.#expression(String(found.value), pointer);
    if (found.isExpression) return { expression: this.#expression(String(found.value), pointer) };
    if (setting.as === 'path') return this.#path(String(found.value), pointer);
    if (setting.as === 'pipeline') return this.#pipeline(String(found.value), pointer);
    return this.#ours(setting.values, found, pointer);
  }

  /** Our value for one of theirs; any value is its own where none are listed. */
  #ours(values: ImportSetting['values'], { value = null }: SlpValue, pointer: string): JsonValue {
    if (values === undefined) return value;
    if (Object.hasOwn(values, String(value))) return values[String(value)] as JsonValue;
    this.#unmapped(pointer, `the value ${JSON.stringify(value)} has none here`);
    // A default in its place would be another value without a word: no check passes this.
    return `${untranslatedMark}: ${String(value)}`;
  }

  /** Lists the settings that no rule took, unless they are known to mean nothing here. */
  listLost(taken: ReadonlySet<string>, neutral: NonNullable<ImportRule['neutral']>): void {
    const inside = Object.keys(neutral).filter((path) => path.includes('/'));
    for (const path of [...Object.keys(this.#snap.settings), ...inside]) {
      const isOuter = [...taken].some((other) => other === path || other.startsWith(`${path}/`));
      const found = settingAt(this.#snap.settings, path);
      if (isOuter || !isThere(found) || isNeutral(neutral[path], found)) continue;
      const shown = JSON.stringify(found.value)?.slice(0, 100);
      this.#unmapped(this.#pointer(path), `the setting "${path}" (${shown}) has no counterpart here`);
    }
  }

  #fields(setting: ImportSetting, { value }: SlpValue, pointer: string): JsonValue {
    const keepsOthers = settingAt(this.#snap.settings, 'passThrough').value === true;
    const rows = asRows(value).flatMap((row, index) => {
      const place = joinPointer(pointer, 'value', index);
      const source = unwrap(row[setting.value ?? '']);
      const target = textOf(unwrap(row[setting.key ?? '']).value);
      if (source.value === undefined || source.value === null || source.value === '') return [];
      if (target === undefined) {
        this.#unmapped(place, `${String(source.value)}: a row without a target`);
        return [];
      }
      return [{ place, target, source }];
    });
    const tree = fieldTree(
      rows.map(({ target, source, place }) => ({ target, place, expression: () => this.#written(source, place) })),
      { keepsOthers, refuse: (place, message) => this.#unmapped(place, message) },
    );
    return tree;
  }

  #routes(setting: ImportSetting, { value }: SlpValue, pointer: string): JsonValue {
    const routes = asRows(value).flatMap((row, index): [string, JsonValue][] => {
      const place = joinPointer(pointer, 'value', index);
      const source = unwrap(row[setting.value ?? '']);
      const name = textOf(unwrap(row[setting.key ?? '']).value);
      if (name === undefined) {
        this.#unmapped(place, 'a route without a view');
        return [];
      }
      return [[viewName(name), this.#written(source, place)]];
    });
    return Object.fromEntries(routes);
  }

  /** Rows of name and value; the name may carry an operator: "updated-at[gt]". */
  #filters(setting: ImportSetting, { value }: SlpValue, pointer: string): JsonValue {
    return asRows(value).flatMap((row, index): JsonValue[] => {
      const place = joinPointer(pointer, 'value', index);
      const name = textOf(unwrap(row[setting.key ?? '']).value);
      const given = unwrap(row[setting.value ?? '']);
      if (name === undefined) {
        this.#nameless(row, place);
        return [];
      }
      if ((setting.refused ?? []).includes(name)) {
        this.#unmapped(place, `the parameter "${name}" is no filter: use the snap's own setting`);
        return [];
      }
      const parts = /^(?<field>[^[]+(?:\[[^\]]+\])*?)(?:\[(?<operator>[a-z_]+)\])?$/u.exec(name)?.groups;
      const filter = { field: (parts?.field ?? name).replaceAll(/\[([^\]]+)\]/gu, '.$1').replaceAll('_', '-') };
      const operand = given.isExpression
        ? { expression: this.#expression(String(given.value), place) }
        : (given.value ?? '');
      return [{ ...filter, ...(parts?.operator === undefined ? {} : { operator: parts.operator }), value: operand }];
    });
  }

  /** A list of rows, or an object of them by the text in their key column. */
  #rows({ key, columns = {} }: ImportSetting, { value }: SlpValue, pointer: string): JsonValue {
    const rows = asRows(value).flatMap((row, index): [string, JsonObject][] => {
      const place = joinPointer(pointer, 'value', index);
      const name = key === undefined ? String(index) : fieldName(unwrap(row[key]));
      if (name === undefined) {
        this.#unmapped(place, 'a row without a name');
        return [];
      }
      const fields = Object.entries(columns).flatMap(
        ([ours, { from, as, values, inherits }]): [string, JsonValue][] => {
          const own = unwrap(row[from]);
          const isInherited = inherits !== undefined && (!isThere(own) || own.value === inherits.at);
          const found = isInherited ? settingAt(this.#snap.settings, inherits.from) : own;
          if (!isThere(found)) return [];
          const isExpression = as === 'expression';
          return [
            [ours, isExpression ? this.#expression(String(found.value), place) : this.#ours(values, found, place)],
          ];
        },
      );
      return [[name, Object.fromEntries(fields)]];
    });
    return key === undefined ? rows.map(([, row]) => row) : Object.fromEntries(rows);
  }

  /** A list of the expressions that stand in one column. */
  #expressions({ value: column = '' }: ImportSetting, { value }: SlpValue, pointer: string): JsonValue {
    return asRows(value).map((row, index) => {
      const found = unwrap(row[column]);
      return this.#expression(isThere(found) ? String(found.value) : '', joinPointer(pointer, 'value', index));
    });
  }

  /** A row whose columns are called otherwise than the table says must not be lost without a word; an empty one may. */
  #nameless(row: Readonly<Record<string, unknown>>, place: string): void {
    if (Object.values(row).some((cell) => isThere(unwrap(cell as JsonValue))))
      this.#unmapped(place, 'a row without a name');
  }

  /** Values by name; an expression stands where one is given. */
  #values({ key = '', value: column = '' }: ImportSetting, { value }: SlpValue, pointer: string): JsonValue {
    const rows = asRows(value).flatMap((row, index): [string, JsonValue][] => {
      const place = joinPointer(pointer, 'value', index);
      const name = textOf(unwrap(row[key]).value);
      const given = unwrap(row[column]);
      if (name === undefined) {
        this.#nameless(row, place);
        return [];
      }
      if (given.value === undefined || given.value === null) return [];
      return [[name, given.isExpression ? { expression: this.#expression(String(given.value), place) } : given.value]];
    });
    return Object.fromEntries(rows);
  }

  /** Pipelines are named by project and folder there; here by their name in the store. */
  #pipeline(path: string, pointer: string): string {
    const name = savedName(path);
    const message = `the pipeline was ${path}; here it is the saved pipeline "${name}": import that one too, and save it`;
    this.#notes.remarks.push({ pointer, snap: this.#snap.label, message });
    return name;
  }

  /** A value as an expression's text: a literal becomes one. */
  #written({ value, isExpression }: SlpValue, pointer: string): string {
    return isExpression ? this.#expression(String(value), pointer) : JSON.stringify(value ?? null);
  }

  #expression(source: string, pointer: string): string {
    try {
      const { text, remarks } = translateExpression(source);
      for (const message of remarks)
        this.#notes.remarks.push({ pointer, snap: this.#snap.label, message: `${source}: ${message}` });
      return text;
    } catch (thrown) {
      if (!(thrown instanceof Untranslatable)) throw thrown;
      this.#unmapped(pointer, `the expression ${source} ${thrown.message}`);
      return `${untranslatedMark}: ${source}`;
    }
  }

  /** Files are named relative to the output directory here; stores and absolute paths of the other product are not there. */
  #path(path: string, pointer: string): string {
    const name = path.split('/').at(-1) ?? path;
    if (!/^(?:\/|\.\.)|:/u.test(path)) return path;
    this.#notes.remarks.push({
      pointer,
      snap: this.#snap.label,
      message: `the file was ${path}; here it is "${name}"`,
    });
    return name;
  }

  #unmapped(pointer: string, message: string): void {
    this.#notes.unmapped.push({ pointer, snap: this.#snap.label, message });
  }

  #pointer(path: string): string {
    return joinPointer(
      '',
      'snap_map',
      this.#snap.key,
      'property_map',
      'settings',
      ...path.split('/').flatMap((name, index) => (index === 0 ? [name] : ['value', name])),
    );
  }
}

/** The name under which a pipeline of a project and folder is saved here. */
export function savedName(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.slp$/u, '').replaceAll(/[^A-Za-z0-9._-]+/gu, '-');
}

/** The field that a path names: "$total" is the field total. */
function fieldName({ value }: SlpValue): string | undefined {
  return textOf(value)?.replace(/^\$\.?/u, '');
}

function isNeutral(rule: true | readonly unknown[] | undefined, { value }: SlpValue): boolean {
  return rule === true || (rule?.some((each) => JSON.stringify(each) === JSON.stringify(value)) ?? false);
}

/** A view's name as ours may be spelled. */
export function viewName(label: string): string {
  const plain = label.replaceAll(/[^A-Za-z0-9_-]+/gu, '-').replace(/^(?![A-Za-z])/u, 'v');
  return plain === 'error' ? 'error-view' : plain;
}
