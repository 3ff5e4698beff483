// The documented calls of the catalog as a table: every one with a path, a body and what must be so before it is allowed.
import type { JsonObject } from '../../src/document/json.ts';
import { ruleOf } from '../../src/simulator/actions/apply.ts';
import {
  type CatalogCall,
  type CatalogResource,
  type ObjectFact,
  readCatalog,
} from '../../src/simulator/records/facts.ts';
import { lifecycles, stateField } from '../../src/simulator/records/lifecycles.ts';
import { type CallPath, CallPaths } from '../../src/simulator/records/paths.ts';
import { World } from '../../src/simulator/records/world.ts';

export interface DocumentedCall {
  readonly resource: CatalogResource;
  readonly call: CatalogCall;
  readonly path: CallPath;
}

/** What is done before a call, so that the simulator allows it: a change by another user, or a call of our own. */
export interface Preparation {
  readonly mutate?: JsonObject;
  readonly call?: { readonly method: 'PUT' | 'POST'; readonly path: string };
}

export class DocumentedCalls {
  readonly #catalog = readCatalog();
  readonly #paths = new CallPaths(this.#catalog);
  readonly #world: World;
  /** All of them, in the order of the catalog. */
  readonly all: readonly DocumentedCall[];

  /** `records` as the simulator has them: they are computed from the same seed. */
  constructor(records: number) {
    this.#world = new World(this.#catalog, { seed: '1', records, hasGaps: true });
    this.all = this.#catalog.flatMap((resource) =>
      resource.calls.map((call) => ({ resource, call, path: this.#paths.of(resource, call) })),
    );
  }

  /** A call that is documented twice is one call, and its first home says what its records are. */
  homeOf(one: DocumentedCall): DocumentedCall {
    const id = one.call.duplicateOf ?? one.call.id;
    return this.all.find(({ call }) => call.id === id && call.duplicateOf === undefined) ?? one;
  }

  /** The path with ids for its parameters, each record under the one before it. */
  fill({ path }: DocumentedCall): string {
    const segments = [...path.segments];
    let parent = undefined as ReturnType<ReturnType<World['collection']>['at']> | undefined;
    const child = (object: string) => {
      const [first] = parent ? this.#world.families.childrenOf(parent, object) : [];
      return first ?? this.#world.collection(object).at(0);
    };
    for (const { object, place } of path.parents) {
      parent = child(object);
      segments[place] = String(parent.id);
    }
    if (path.idPlace !== undefined) segments[path.idPlace] = String(child(path.object).id);
    return `/${segments.map((segment) => (segment.startsWith(':') ? '1' : segment)).join('/')}`;
  }

  /** The id of the record that the filled path names, or of the first one. */
  idOf(one: DocumentedCall): number {
    const { path } = one;
    if (path.idPlace === undefined) return this.#world.collection(path.object).at(0).id;
    return Number(this.fill(one).split('/')[path.idPlace + 1]);
  }

  /** What a call sends; undefined when it sends nothing. */
  bodyOf(one: DocumentedCall): JsonObject | undefined {
    const { call, path } = one;
    if (call.verb === 'GET' || call.verb === 'DELETE' || call.kind === 'upload') return undefined;
    const isMade = call.kind === 'create' || ruleOf(path.object, call.action)?.subject === 'made';
    const document = call.action.endsWith('mark_exported')
      ? { 'document-type': 'InvoiceHeader', 'document-id': 1 }
      : {};
    return isMade
      ? { ...this.#requiredFields(this.#world.type(path.object).facts), ...document }
      : { id: this.idOf(one), amount: '5.00' };
  }

  /** A change of one field that the record takes; none when it takes no simple one. */
  changeOf({ path }: DocumentedCall): JsonObject {
    const simple = [...this.#world.type(path.object).facts.fields.values()].filter(
      (fact) => fact.isAccepted && !fact.isRequired && fact.words.length === 0 && !/-id$|^id$/u.test(fact.name),
    );
    const text = simple.find(({ kind, lengthMax = 255 }) => kind === 'string' && lengthMax > 9);
    if (text !== undefined) return { [text.name]: 'Changed' };
    const flag = simple.find(({ kind }) => kind === 'boolean');
    return flag === undefined ? {} : { [flag.name]: true };
  }

  /** What brings the record into a state from which the call is allowed, as other users of a tenant might have. */
  preparationsOf(one: DocumentedCall): Preparation[] {
    const { resource, call, path } = one;
    const from =
      call.kind === 'delete' ? lifecycles[path.object]?.initial : ruleOf(path.object, call.action)?.from?.[0];
    const field = stateField(this.#world.type(path.object).facts.fields);
    const url = this.fill(one);
    return [
      ...(from === undefined
        ? []
        : [{ mutate: { resource: resource.key, update: [this.idOf(one)], values: { [field]: from } } }]),
      ...(call.action === 'remove_approval' || call.action === 'remove_approver'
        ? [{ call: { method: 'PUT' as const, path: url.replace(/[^/]+$/u, 'add_approver') } }]
        : []),
      ...(call.action === 'unassign_attendee'
        ? [{ call: { method: 'POST' as const, path: url.replace('unassign', 'assign') } }]
        : []),
    ];
  }

  /** Whether the simulator has a rule for a documented action. */
  hasRule({ path, call }: DocumentedCall): boolean {
    return ruleOf(path.object, call.action) !== undefined;
  }

  #requiredFields(facts: ObjectFact): JsonObject {
    const body: Record<string, JsonObject[string]> = {};
    for (const fact of facts.fields.values()) {
      if (!fact.isRequired || !fact.isAccepted) continue;
      const [word] = fact.words;
      if (word !== undefined) body[fact.name] = word;
      else if (fact.kind === 'reference')
        body[fact.name] = fact.target === undefined ? { id: 1 } : { id: this.#lastOf(fact.target) };
      else if (fact.kind === 'collection') body[fact.name] = [];
      else if (fact.kind === 'object') body[fact.name] = {};
      else if (fact.kind === 'boolean') body[fact.name] = true;
      else if (fact.kind === 'integer' || fact.kind === 'number') body[fact.name] = 1;
      else if (fact.kind === 'decimal') body[fact.name] = '1.00';
      else if (fact.kind === 'date-time' || fact.kind === 'date') body[fact.name] = '2026-11-02T00:00:00Z';
      else body[fact.name] = `Tried ${fact.name}`.slice(0, fact.lengthMax);
    }
    return body;
  }

  #lastOf(object: string): number {
    return this.#world.collection(object).at(this.#world.collection(object).computedCount - 1).id;
  }
}
