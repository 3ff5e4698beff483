import type { RJSFSchema } from '@rjsf/utils';
import { describe, expect, it } from 'vitest';
import { designerUi } from '../../web/src/designer/fields/designer-ui.ts';
import { fieldsOf } from '../../web/src/designer/fields/use-resource-fields.ts';
import { arrange, completeLayout } from '../../web/src/designer/model/arrange.ts';
import { type DesignerState, designerReducer, startState } from '../../web/src/designer/model/designer-state.ts';
import { differences } from '../../web/src/designer/model/difference.ts';
import { changeSnap, copyOf, paste } from '../../web/src/designer/model/edit.ts';
import { faultsWithin, placeFaults } from '../../web/src/designer/model/faults.ts';
import { edgesOf, nodesOf } from '../../web/src/designer/model/nodes.ts';
import {
  type Draft,
  emptyDraft,
  type Pipeline,
  pipelineText,
  readPipeline,
} from '../../web/src/designer/model/pipeline.ts';
import { type Catalog, type CatalogSnap, linkFault, viewNames } from '../../web/src/designer/model/views.ts';

const snap = (id: string, category: string, input: object, output: object): CatalogSnap => ({
  id,
  title: id,
  description: '',
  category,
  accountTypes: [],
  pack: 'test',
  operators: [],
  settings: {},
  views: { input: input as never, output: output as never },
});
const one = { min: 0, max: 1 };
const none = { min: 0, max: 0 };
const needed = { min: 1, max: 1 };
const snaps = [
  snap('test.read', 'read', none, one),
  snap('test.map', 'transform', needed, one),
  snap('test.route', 'flow', needed, { min: 0, max: 50, namesFrom: 'routes' }),
  snap('test.write', 'write', needed, none),
];
const catalog: Catalog = new Map(snaps.map((each) => [each.id, each]));
const snapOf = (id: string): CatalogSnap => catalog.get(id) ?? snap(id, 'flow', none, none);

const pipeline: Pipeline = {
  name: 'p',
  snaps: [
    { id: 'read', snap: 'test.read' },
    { id: 'route', snap: 'test.route', settings: { routes: { large: 'true', small: 'true' } } },
    { id: 'write', snap: 'test.write' },
  ],
  links: [
    ['read', 'route'],
    ['route.large', 'write'],
  ],
};
const draft: Draft = { pipeline, layout: arrange(pipeline) };

const add = (state: DesignerState, id: string): DesignerState =>
  designerReducer(state, { type: 'add', snap: snapOf(id), catalog });

describe('editing a pipeline', () => {
  it('links a snap behind the selected one where the views fit, and gives each an id of its own', () => {
    const state = ['test.read', 'test.map', 'test.map', 'test.write', 'test.read'].reduce(
      add,
      startState(emptyDraft('p')),
    );
    expect(state.present.pipeline.snaps.map(({ id }) => id)).toEqual(['read', 'map', 'map-2', 'write', 'read-2']);
    expect(state.present.pipeline.links).toEqual([
      ['read', 'map'],
      ['map', 'map-2'],
      ['map-2', 'write'],
    ]);
  });

  it('goes back over every step and forth again, and forgets what was undone at the next edit', () => {
    const full = ['test.read', 'test.map'].reduce(add, startState(emptyDraft('p')));
    const undone = designerReducer(designerReducer(full, { type: 'undo' }), { type: 'undo' });
    expect(undone.present).toEqual(emptyDraft('p'));
    expect(designerReducer(undone, { type: 'undo' })).toBe(undone);
    const redone = [1, 2].reduce((state) => designerReducer(state, { type: 'redo' }), undone);
    expect(redone.present).toEqual(full.present);
    expect(add(undone, 'test.write').future).toEqual([]);
  });

  it('makes no step of an edit that changes nothing', () => {
    const state = startState(draft);
    expect(designerReducer(state, { type: 'move', places: draft.layout }).past.length).toBeLessThanOrEqual(1);
    const entry = { id: 'read', snap: 'test.read' };
    expect(designerReducer(state, { type: 'change', id: 'read', entry }).past).toEqual([]);
  });

  it('removes a snap with its links and its place', () => {
    const selected = designerReducer(startState(draft), { type: 'select', selection: { snaps: new Set(['route']) } });
    const { present } = designerReducer(selected, { type: 'remove' });
    expect(present.pipeline.links).toEqual([]);
    expect(Object.keys(present.layout)).toEqual(['read', 'write']);
  });

  it('carries a new id into links with their views', () => {
    const renamed = changeSnap(draft, 'route', { id: 'split', snap: 'test.route' });
    expect(renamed.pipeline.links).toEqual([
      ['read', 'split'],
      ['split.large', 'write'],
    ]);
    expect(Object.keys(renamed.layout).sort()).toEqual(['read', 'split', 'write']);
  });

  it('pastes snaps with the links among them, and none to others', () => {
    const { draft: pasted, ids } = paste(draft, copyOf(draft, new Set(['route', 'write'])));
    expect([...ids]).toEqual(['route-2', 'write-2']);
    expect(pasted.pipeline.links.slice(2)).toEqual([['route-2.large', 'write-2']]);
    expect(pasted.layout['route-2']).not.toEqual(pasted.layout.route);
  });

  it('routes the errors of a snap whose error view is linked', () => {
    const { present } = designerReducer(startState(draft), { type: 'link', link: ['read.error', 'write'] });
    expect(present.pipeline.snaps[0]).toMatchObject({ errors: 'route' });
  });
});

describe('links', () => {
  const fault = (from: string, fromView: string, to: string): string | undefined =>
    linkFault({ from, fromView, to, toView: 'input' }, pipeline, catalog);

  it('fit only where an output meets a free input, without a cycle', () => {
    expect(
      viewNames('output', { id: 'r', snap: 'test.route', settings: { routes: { a: '', b: '' } } }, catalog),
    ).toEqual(['a', 'b']);
    expect(fault('read', 'output', 'read')).toContain('itself');
    expect(fault('route', 'output', 'write')).toContain('no output view');
    expect(fault('route', 'small', 'write')).toContain('takes one link');
    expect(fault('route', 'large', 'write')).toContain('exists already');
    expect(fault('write', 'error', 'read')).toContain('takes no documents');
    const free = { ...pipeline, links: [['route.large', 'write']] as const };
    expect(linkFault({ from: 'write', fromView: 'error', to: 'route', toView: 'input' }, free, catalog)).toContain(
      'cycle',
    );
    expect(linkFault({ from: 'read', fromView: 'error', to: 'route', toView: 'input' }, free, catalog)).toBeUndefined();
  });
});

describe('showing a pipeline', () => {
  it('keeps the nodes that did not change as the same objects, so that 500 snaps are not drawn for one', () => {
    const shown = {
      draft,
      catalog,
      selection: { snaps: new Set<string>(), links: new Set<string>() },
      faults: placeFaults([], pipeline),
      counts: new Map(),
    };
    const before = nodesOf(shown, []);
    const moved = { ...draft, layout: { ...draft.layout, write: { x: 800, y: 0 } } };
    const after = nodesOf({ ...shown, draft: moved }, before);
    expect(after.map((node, index) => node === before[index])).toEqual([true, true, false]);
    expect(after[2]?.data).toBe(before[2]?.data);
  });

  it('says on each link how many documents passed, also behind a router', () => {
    const counts = new Map(
      [
        ['read', 0, 100],
        ['route', 100, 90],
        ['write', 30, 30],
      ].map(([id, input, output]) => [
        String(id),
        { state: 'completed', input: Number(input), output: Number(output), errors: 0, rate: 0 },
      ]),
    );
    const selection = { snaps: new Set<string>(), links: new Set<string>() };
    const edges = edgesOf({ draft, catalog, selection, faults: placeFaults([], pipeline), counts });
    expect(edges.map(({ label }) => label)).toEqual(['100', '30']);
  });

  it('places every fault on its snap, its link or above', () => {
    const placed = placeFaults(
      [
        { pointer: '/snaps/1/settings/routes/large', message: 'a' },
        { pointer: '/links/1', message: 'b' },
        { pointer: '/name', message: 'c' },
      ],
      pipeline,
    );
    expect(faultsWithin(placed.snaps.get('route') ?? [], '/settings')).toEqual([
      { pointer: '/routes/large', message: 'a' },
    ]);
    expect(placed.links.has('route.large > write')).toBe(true);
    expect(placed.others).toHaveLength(1);
  });

  it('lays 500 snaps out without two in one place, and keeps a layout that is whole', () => {
    const ids = Array.from({ length: 500 }, (_, index) => `s${index}`);
    const long: Pipeline = {
      name: 'long',
      snaps: ids.map((id) => ({ id, snap: 'test.map' })),
      links: ids.slice(1).map((id, index) => [`s${index}`, id] as const),
    };
    const layout = arrange(long);
    expect(new Set(Object.values(layout).map(({ x, y }) => `${x} ${y}`)).size).toBe(500);
    expect(completeLayout(long, layout)).toBe(layout);
  });
});

describe('files and versions', () => {
  it('writes the pipeline that it read, members in their order, with nothing of the layout', () => {
    const json = { $schema: 'x', ...JSON.parse(JSON.stringify(pipeline)), parameters: { since: { type: 'string' } } };
    expect(pipelineText(readPipeline(json))).toBe(`${JSON.stringify(json, null, 2)}\n`);
  });

  it('tells what differs by the names of snaps and settings, and takes an order for no difference', () => {
    const turned = { ...pipeline, snaps: [...pipeline.snaps].reverse() };
    expect(differences(pipeline, turned)).toEqual([]);
    const changed = changeSnap({ pipeline, layout: {} }, 'read', { id: 'read', snap: 'test.read', settings: { n: 2 } });
    expect(differences(pipeline, { ...changed.pipeline, links: [] })).toEqual([
      { kind: 'added', place: 'snap read: settings', after: { n: 2 } },
      { kind: 'removed', place: 'link read > route', before: true },
      { kind: 'removed', place: 'link route.large > write', before: true },
    ]);
  });
});

describe('settings forms', () => {
  it('choose an input by what the schema says', () => {
    const schema = {
      type: 'object',
      definitions: { tree: { type: 'array', 'x-widget': 'field-tree', items: { type: 'string' } } },
      properties: {
        condition: { type: 'string', 'x-expression': true, 'x-literal': true },
        fields: { $ref: '#/definitions/tree' },
        routes: { type: 'object', additionalProperties: { type: 'string', 'x-expression': true } },
        path: { type: 'string' },
        format: { type: 'string', 'x-literal': true },
        body: { type: 'object' },
        id: { type: ['integer', 'string'] },
        columns: { type: 'array', items: { type: 'string' } },
      },
    };
    const ui = designerUi(schema as RJSFSchema);
    const fields = Object.entries(ui).map(([name, value]) => [name, value['ui:field']]);
    expect(Object.fromEntries(fields)).toEqual({
      condition: 'expression',
      fields: 'fieldTree',
      routes: 'expressionMap',
      path: 'valueOrExpression',
      format: undefined,
      body: 'json',
      id: 'valueOrExpression',
      columns: 'texts',
    });
  });

  it('know the kind of a field and what it refers to', () => {
    const schema = {
      properties: {
        total: { type: ['string', 'null'], format: 'decimal' },
        supplier: { anyOf: [], 'x-ref': 'supplier' },
        secret: { type: 'string', 'x-out': false },
      },
    };
    expect(fieldsOf(schema)).toEqual([
      { name: 'supplier', kind: 'object', reference: 'supplier' },
      { name: 'total', kind: 'decimal', reference: undefined },
    ]);
  });
});
