// Owns checking a snap that runs a pipeline together with that pipeline: its faults, its parameters, what goes in and comes out.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import { findExpressions, joinPointer } from '../schema/index.ts';
import type { Graph, GraphNode } from './check-graph.ts';
import { errorView } from './check-graph.ts';
import type { OpenViews } from './child-pipeline.ts';
import { type ChildPipeline, type ChildPipelines, type ChildSettings, childSettings } from './child-pipeline.ts';
import { resolveParameters } from './parameters.ts';
import { loosen } from './pipeline-file.ts';

/** The faults of a child and the views that it leaves open. */
export interface ChildExamination {
  readonly faults: readonly Fault[];
  readonly open: OpenViews;
}

export interface ChildSurroundings {
  /** The graph of the pipeline that runs the child. */
  readonly graph: Graph;
  readonly children: ChildPipelines | undefined;
  /** Checks a pipeline that another one runs. */
  readonly examine: (child: ChildPipeline) => ChildExamination;
}

/** All faults of a snap that runs a pipeline and of that pipeline, with places in the file of the snap; a child's own places stand in the words. */
export function checkChild(node: GraphNode, around: ChildSurroundings): Fault[] {
  const settings = childSettings(node.entry);
  if (settings === undefined) return [];
  const at = (...segments: string[]) => joinPointer('/snaps', node.index, 'settings', ...segments);
  const child = findChild(settings.pipeline, around.children);
  if (typeof child === 'string') return [{ pointer: at('pipeline'), message: child }];
  const { faults, open } = around.examine(child);
  const given = checkGiven(child.pipeline, settings.parameters);
  return [
    ...withinChild(child, faults).map((message) => ({ pointer: at('pipeline'), message })),
    ...given.map(({ pointer, message }) => ({ pointer: `${at()}${pointer}`, message })),
    ...checkEnds(node, { graph: around.graph, settings, open, title: child.title }),
  ];
}

/** The child behind a reference, or why there is none. */
export function findChild(reference: string, children: ChildPipelines | undefined): ChildPipeline | string {
  return children?.(reference) ?? `the pipeline "${reference}" cannot be looked up here`;
}

/** Faults of a child in words that name its file and the place in it. */
export function withinChild({ title }: ChildPipeline, faults: readonly Fault[]): string[] {
  return faults.map(({ pointer, message }) => `${title}${pointer === '' ? '' : ` at ${pointer}`}: ${message}`);
}

/** Faults of the values for a child's parameters; what an expression gives is checked when it is known. */
export function checkGiven(pipeline: JsonValue, given: JsonObject): Fault[] {
  const declared = loosen(pipeline).parameters;
  const isOpen = (name: string): boolean => Object.hasOwn(given, name) && isExpression(given[name]);
  const names = Object.keys(declared).filter((name) => !isOpen(name));
  const values = Object.entries(given).filter(([name]) => !(isOpen(name) && Object.hasOwn(declared, name)));
  const known = Object.fromEntries(names.map((name) => [name, declared[name] as (typeof declared)[string]]));
  // A default of the wrong type is the child's own fault and is told there.
  return resolveParameters(known, Object.fromEntries(values)).faults.filter(
    ({ pointer }) => !pointer.endsWith('/default'),
  );
}

function isExpression(value: JsonValue | undefined): boolean {
  return value !== undefined && findExpressions(value)[0] === '';
}

interface Ends {
  readonly graph: Graph;
  readonly settings: ChildSettings;
  readonly open: OpenViews;
  readonly title: string;
}

function checkEnds({ entry, index }: GraphNode, { graph, settings, open, title }: Ends): Fault[] {
  const pointer = `/snaps/${index}`;
  const { id } = entry;
  const { mode, output } = settings;
  const hasInput = graph.links.some((link) => link.to === id);
  const hasOutput = graph.links.some((link) => link.from === id && link.fromView !== errorView);
  const [first, second] = open.inputs;
  const faults: Fault[] = [];
  const fault = (message: string) => faults.push({ pointer, message });
  if (first !== undefined && second !== undefined) {
    const views = open.inputs.map(({ snap, view }) => `${snap}.${view}`).join(', ');
    fault(`"${title}" leaves several inputs open (${views}); only one can take the documents`);
  } else if (first !== undefined && !hasInput) {
    fault(`"${id}" needs a link into its input: "${first.snap}" of "${title}" waits for documents`);
  }
  if (mode === 'stream' && hasInput && first === undefined) {
    fault(`"${title}" leaves no input open, so nothing takes the documents that come to "${id}"`);
  }
  if (open.outputs.length === 0 && hasOutput && (mode === 'stream' || output === 'documents')) {
    fault(`"${title}" leaves no output open, so no document ever leaves "${id}"`);
  }
  return faults;
}
