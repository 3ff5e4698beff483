// Owns turning an .slp file into a pipeline of ours by the import tables of the loaded packs. Nothing is dropped in silence:
// what has no counterpart stays in the pipeline under its foreign name, where every check names it, and is listed here.
import path from 'node:path';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { ImportRule, LoadedSnap, PackRegistry } from '../../pack/index.ts';
import { joinPointer } from '../../schema/index.ts';
import type { PipelineImport } from '../import-contract.ts';
import { foldSnaps, type Node } from './fold-snaps.ts';
import { ImportNotes, mapSettings, savedName, viewName } from './map-settings.ts';
import {
  asObject,
  asRows,
  readSlpFile,
  type SlpFile,
  type SlpLink,
  type SlpSnap,
  settingAt,
  textOf,
  unwrap,
} from './slp-file.ts';

const errorPolicies: Readonly<Record<string, string>> = { fail: 'stop', ignore: 'discard', continue: 'route' };
const executions: Readonly<Record<string, string>> = {
  'Validate & Execute': 'always',
  'Execute only': 'execute-only',
  Disabled: 'disabled',
};

/** Reads an .slp file, or what stands in one, as a pipeline. Throws SNAP_PIPELINE_NOT_FOUND and SNAP_PIPELINE_INVALID. */
export function importSlp(file: string, registry: PackRegistry, content?: JsonValue): PipelineImport {
  return new SlpImport(readSlpFile(file, content), registry).run(path.basename(file).replace(/\.slp$/iu, ''));
}

class SlpImport {
  readonly #file: SlpFile;
  readonly #registry: PackRegistry;
  readonly #rules: ReadonlyMap<string, ImportRule>;
  readonly #notes = new ImportNotes();
  readonly #ids = new Map<string, string>();

  constructor(file: SlpFile, registry: PackRegistry) {
    this.#file = file;
    this.#registry = registry;
    this.#rules = new Map(registry.packs.flatMap(({ imports }) => Object.entries(imports?.classes ?? {})));
  }

  run(fallbackName: string): PipelineImport {
    for (const pointer of this.#file.brokenLinks) {
      this.#notes.unmapped.push({ pointer, snap: null, message: 'the link names a snap that is not in the file' });
    }
    const { nodes, edges } = foldSnaps(
      this.#file.snaps.map((snap) => this.#node(snap)),
      this.#file.links,
      this.#notes,
    );
    for (const node of nodes) this.#ids.set(node.snap.key, this.#freshId(node.snap.label));
    const kept = nodes.filter(({ rule }) => rule?.snap !== undefined);
    const parameters = this.#parameters();
    const pipeline: Record<string, JsonValue> = { name: slug(this.#file.label ?? fallbackName, 100) };
    if (this.#file.notes !== undefined) pipeline.description = this.#file.notes.slice(0, 2000);
    if (Object.keys(parameters).length > 0) pipeline.parameters = parameters;
    Object.assign(pipeline, this.#errorPipeline());
    pipeline.snaps = nodes.map((node) => this.#entry(node));
    pipeline.links = edges.map((edge) => this.#link(edge, nodes));
    return {
      pipeline,
      mapped: kept.map(({ snap, rule }) => ({
        id: this.#ids.get(snap.key) ?? '',
        label: snap.label,
        snap: rule?.snap ?? '',
      })),
      unmapped: this.#notes.unmapped,
      remarks: this.#notes.remarks,
    };
  }

  #node(snap: SlpSnap): Node {
    const rule = this.#rules.get(snap.className);
    if (rule?.snap !== undefined && this.#registry.snap(rule.snap) === undefined)
      return { snap, rule: undefined, settings: {} };
    return { snap, rule, settings: {} };
  }

  #entry({ snap, rule, settings }: Node): JsonObject {
    const id = this.#ids.get(snap.key) ?? '';
    const pointer = joinPointer('', 'snap_map', snap.key);
    const common = { id, title: snap.label.slice(0, 100) };
    if (rule?.snap === undefined) {
      this.#notes.unmapped.push({
        pointer,
        snap: snap.label,
        message: `${whyNot(snap, rule)}; it stands in the pipeline under that name`,
      });
      return { ...common, snap: snap.className.slice(0, 100) };
    }
    for (const message of rule.differences ?? []) this.#notes.unmapped.push({ pointer, snap: snap.label, message });
    const mapped = { ...mapSettings({ snap, rule, notes: this.#notes }), ...settings };
    return {
      ...common,
      snap: rule.snap,
      ...this.#account(snap, rule.snap, pointer),
      ...this.#policy(snap, pointer),
      ...this.#execution(snap, rule.snap, pointer),
      settings: mapped,
    };
  }

  #account({ account, label }: SlpSnap, snap: string, pointer: string): { readonly account?: string } {
    const needsOne = (this.#registry.snap(snap)?.declaration.accountTypes ?? []).length > 0;
    if (!needsOne) return {};
    const name = account.label?.split('/').at(-1)?.slice(0, 100);
    if (name !== undefined) {
      const message = `the account "${name}" is not in the file: add one of that name`;
      this.#notes.remarks.push({ pointer, snap: label, message });
      return { account: name };
    }
    const message = account.isSet ? 'the account is chosen by an expression' : 'no account is named';
    this.#notes.unmapped.push({ pointer: joinPointer(pointer, 'property_map', 'account'), snap: label, message });
    return {};
  }

  #policy({ errorBehavior, label }: SlpSnap, pointer: string): { readonly errors?: string } {
    if (errorBehavior === null) return {};
    const errors = errorPolicies[String(errorBehavior)];
    if (errors !== undefined) return errors === 'stop' ? {} : { errors };
    const place = joinPointer(pointer, 'property_map', 'error', 'error_behavior');
    this.#notes.unmapped.push({
      pointer: place,
      snap: label,
      message: `the error policy "${String(errorBehavior)}" is unknown`,
    });
    return {};
  }

  #execution({ settings, label }: SlpSnap, ours: string, pointer: string): { readonly execution?: string } {
    const mode = settingAt(settings, 'execution_mode').value;
    if (mode === undefined || mode === null) return {};
    const execution = executions[String(mode)];
    const usual = this.#registry.snap(ours)?.declaration.category === 'write' ? 'execute-only' : 'always';
    if (execution !== undefined) return execution === usual ? {} : { execution };
    const place = joinPointer(pointer, 'property_map', 'settings', 'execution_mode');
    this.#notes.unmapped.push({ pointer: place, snap: label, message: `the execution "${String(mode)}" is unknown` });
    return {};
  }

  #parameters(): JsonObject {
    const settings = this.#file.properties.settings;
    const rows = asRows(unwrap(asObject(settings).param_table).value);
    const parameters: Record<string, JsonValue> = {};
    for (const [index, row] of rows.entries()) {
      const pointer = joinPointer('', 'property_map', 'settings', 'param_table', 'value', index);
      const name = textOf(unwrap(row.key).value);
      if (name === undefined) continue;
      const value = unwrap(row.value).value;
      const isSecret = /secret|password|passphrase|token|private_?key|api_?key/iu.test(name);
      if (isSecret && textOf(value) !== undefined) {
        const message = `the value of "${name}" looks like a secret and was left out: keep it in an account`;
        this.#notes.unmapped.push({ pointer, snap: null, message });
      }
      const description = textOf(unwrap(row.description).value)?.slice(0, 500);
      parameters[name] = {
        type: 'string',
        ...(typeof value === 'string' && !isSecret ? { default: value } : {}),
        ...(description === undefined ? {} : { description }),
      };
    }
    return parameters;
  }

  /** The pipeline that runs when this one fails, by the name under which it is to be saved. */
  #errorPipeline(): { readonly errorPipeline?: string } {
    const settings = asObject(this.#file.properties.settings);
    const { value, isExpression } = unwrap(settings.error_pipeline);
    const named = textOf(value);
    if (named === undefined) return {};
    const at = (key: string): string => joinPointer('', 'property_map', 'settings', key);
    if (isExpression) {
      const message = 'the error pipeline was not taken over: an expression chooses it';
      this.#notes.unmapped.push({ pointer: at('error_pipeline'), snap: null, message });
      return {};
    }
    const errorPipeline = savedName(named);
    const message = `the error pipeline was ${named}; here it is the saved pipeline "${errorPipeline}": import that one too, and save it`;
    this.#notes.remarks.push({ pointer: at('error_pipeline'), snap: null, message });
    if (asRows(unwrap(settings.error_param_table).value).length > 0) {
      const lost = 'the parameters of the error pipeline were not taken over: it runs with the defaults of its own';
      this.#notes.unmapped.push({ pointer: at('error_param_table'), snap: null, message: lost });
    }
    return { errorPipeline };
  }

  #link({ from, fromView, to, toView }: SlpLink, nodes: readonly Node[]): JsonValue {
    const id = this.#ids.get(from) ?? '';
    const target = this.#target(
      nodes.find(({ snap }) => snap.key === to),
      toView,
    );
    if (fromView.startsWith('error')) return [`${id}.error`, target];
    const source = nodes.find(({ snap }) => snap.key === from);
    if (this.#declaration(source)?.views.output.namesFrom === undefined) return [id, target];
    const view = asObject(source?.snap.outputs[fromView]);
    return [`${id}.${viewName(textOf(unwrap(view.label).value) ?? fromView)}`, target];
  }

  /** Views are named after their order there; the first of a join is our left one. */
  #target(node: Node | undefined, toView: string): string {
    const id = this.#ids.get(node?.snap.key ?? '') ?? '';
    const names = this.#declaration(node)?.views.input.names;
    if (node === undefined || names === undefined) return id;
    const place = Object.keys(node.snap.inputs).indexOf(toView);
    const name = names[place];
    if (name !== undefined) return `${id}.${name}`;
    const pointer = joinPointer('', 'snap_map', node.snap.key, 'property_map', 'input', toView);
    const message = `the input "${toView}" has none here: ${names.join(' and ')} are all there are`;
    this.#notes.unmapped.push({
      pointer: place < 0 ? joinPointer('', 'snap_map', node.snap.key) : pointer,
      snap: node.snap.label,
      message,
    });
    return id;
  }

  #declaration(node: Node | undefined): LoadedSnap['declaration'] | undefined {
    return node?.rule?.snap === undefined ? undefined : this.#registry.snap(node.rule.snap)?.declaration;
  }

  #freshId(label: string): string {
    const taken = new Set(this.#ids.values());
    const base = slug(label, 50)
      .replace(/^(?![A-Za-z])/u, 's')
      .replaceAll('.', '-')
      .toLowerCase();
    let id = base;
    for (let count = 2; taken.has(id); count += 1) id = `${base}-${count}`;
    return id;
  }
}

function whyNot({ className }: SlpSnap, rule: ImportRule | undefined): string {
  if (rule?.folds !== undefined)
    return `${className} stands ${rule.folds.towards === 'upstream' ? 'behind' : 'before'} no single ${rule.folds.into}`;
  if (rule?.without !== undefined) return `${className} has no counterpart (${rule.without})`;
  if (rule?.through === true) return `nothing feeds ${className}`;
  return `no loaded pack says what ${className} is here`;
}

/** A label in the letters that a name may hold. */
function slug(label: string, lengthMax: number): string {
  const plain = label.normalize('NFKD').replaceAll(/[^A-Za-z0-9._-]+/gu, '-');
  return plain.replaceAll(/^[-._]+|[-._]+$/gu, '').slice(0, lengthMax) || 'pipeline';
}
