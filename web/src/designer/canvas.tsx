// Owns the canvas: snaps and links drawn from the draft, and what the hand does there told as commands.
import {
  applyNodeChanges,
  Background,
  type Connection,
  ConnectionLineType,
  Controls,
  type Edge,
  type EdgeChange,
  MiniMap,
  type NodeChange,
  ReactFlow,
  type ReactFlowProps,
  useReactFlow,
  useStoreApi,
} from '@xyflow/react';
import {
  type Dispatch,
  type DragEvent,
  type KeyboardEvent,
  type ReactElement,
  type SetStateAction,
  useEffect,
  useRef,
  useState,
} from 'react';
import { dragType, readDrag } from './catalog-panel.tsx';
import { nodeHeight, nodeWidth } from './model/arrange.ts';
import type { Command } from './model/designer-state.ts';
import { gridPixels } from './model/edit.ts';
import { edgesOf, nodesOf, type Shown } from './model/nodes.ts';
import type { Place } from './model/pipeline.ts';
import { type CatalogSnap, type LinkEnds, linkEntry, linkFault } from './model/views.ts';
import { SnapNode, type SnapNodeType } from './snap-node.tsx';

const nodeTypes = { snap: SnapNode };
const grid: [number, number] = [gridPixels, gridPixels];
/** Beyond this many, only snaps in sight are in the page; below it all are, so that Tab reaches each. */
const allDrawnMax = 150;
const fitOptions = { maxZoom: 1, padding: 0.15 };

// The canvas tells every snap and link of each option that is another object than before, so each is one object for good.
const edgeOptions = { type: 'smoothstep', interactionWidth: 24 };
const selectionKeys = ['Shift', 'Control', 'Meta'];
const firstViewport = { x: 48, y: 48, zoom: 1 };

interface CanvasProps {
  readonly shown: Shown;
  readonly dispatch: Dispatch<Command>;
  readonly onAdd: (snap: CatalogSnap, place: Place) => void;
  readonly onEdit: (id: string) => void;
  readonly onLink: (key: string) => void;
}

export function Canvas({ shown, dispatch, onAdd, onEdit, onLink }: CanvasProps): ReactElement {
  const { draft, catalog } = shown;
  const { screenToFlowPosition } = useReactFlow();
  const [isEmptyAtFirst] = useState(draft.pipeline.snaps.length === 0);
  useNewSnapsInSight(draft);
  const [nodes, setNodes] = useState<SnapNodeType[]>(() => nodesOf(shown, []));
  const [edges, setEdges] = useState<Edge[]>(() => edgesOf(shown));
  useEffect(() => {
    setNodes((before) => keptList(before, nodesOf(shown, before)));
    setEdges((before) => keptList(before, edgesOf(shown, before)));
  }, [shown]);
  const hand = useHand({ shown, dispatch, setNodes, onEdit, onLink });
  const drop = (event: DragEvent): void => {
    const { id, x, y } = readDrag(event.dataTransfer.getData(dragType));
    const snap = catalog.get(id);
    if (snap === undefined) return;
    event.preventDefault();
    onAdd(snap, screenToFlowPosition({ x: event.clientX - x, y: event.clientY - y }));
  };
  return (
    <section
      className="designer-canvas"
      aria-label="Pipeline"
      onDrop={drop}
      onDragOver={(event) => event.preventDefault()}
      onKeyDownCapture={(event) => editOnEnter(event, onEdit, onLink)}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        {...hand}
        connectionLineType={ConnectionLineType.SmoothStep}
        defaultEdgeOptions={edgeOptions}
        // Removing is a command of the designer, so that it can be undone.
        deleteKeyCode={null}
        multiSelectionKeyCode={selectionKeys}
        selectionKeyCode="Shift"
        onlyRenderVisibleElements={nodes.length > allDrawnMax}
        zoomOnDoubleClick={false}
        connectionRadius={28}
        snapToGrid
        snapGrid={grid}
        minZoom={0.1}
        // An empty canvas is not fitted: the first snap would jump away from where it was dropped.
        fitView={!isEmptyAtFirst}
        defaultViewport={firstViewport}
        fitViewOptions={fitOptions}
      >
        <Background gap={gridPixels * 2} />
        <Controls showInteractive={false} />
        {nodes.length > 8 ? <MiniMap pannable zoomable ariaLabel="Map of the pipeline" /> : null}
      </ReactFlow>
    </section>
  );
}

interface HandOptions extends Pick<CanvasProps, 'shown' | 'dispatch' | 'onEdit' | 'onLink'> {
  readonly setNodes: Dispatch<SetStateAction<SnapNodeType[]>>;
}

type Hand = Pick<
  ReactFlowProps<SnapNodeType>,
  'onNodesChange' | 'onEdgesChange' | 'onConnect' | 'isValidConnection' | 'onNodeDoubleClick' | 'onEdgeDoubleClick'
>;

/** What the hand does, as commands. The functions stay the same ones: 500 snaps need not hear of new ones at every step of a drag. */
function useHand(options: HandOptions): Hand {
  const latest = useRef(options);
  latest.current = options;
  const [hand] = useState(
    (): Hand => ({
      onNodesChange: (changes) => changeNodes(changes, latest.current),
      onEdgesChange: (changes) => {
        const { shown, dispatch } = latest.current;
        const chosen = chosenAfter(changes, shown.selection.links);
        if (chosen !== undefined) dispatch({ type: 'select', selection: { links: chosen } });
      },
      onConnect: (connection) => latest.current.dispatch({ type: 'link', link: linkEntry(endsOf(connection)) }),
      isValidConnection: (connection) => {
        const { draft, catalog } = latest.current.shown;
        return linkFault(endsOf(connection), draft.pipeline, catalog) === undefined;
      },
      onNodeDoubleClick: (_event, node) => latest.current.onEdit(node.id),
      onEdgeDoubleClick: (_event, edge) => latest.current.onLink(edge.id),
    }),
  );
  return hand;
}

function changeNodes(changes: NodeChange<SnapNodeType>[], { shown, dispatch, setNodes }: HandOptions): void {
  const kept = changes.filter(({ type }) => type !== 'remove' && type !== 'select');
  if (kept.length > 0) setNodes((before) => applyNodeChanges(kept, before));
  const moved = changes.flatMap((change) =>
    change.type === 'position' && change.dragging === false && change.position !== undefined
      ? [[change.id, change.position] as const]
      : [],
  );
  if (moved.length > 0) dispatch({ type: 'move', places: Object.fromEntries(moved) });
  const chosen = chosenAfter(changes, shown.selection.snaps);
  if (chosen !== undefined) dispatch({ type: 'select', selection: { snaps: chosen } });
}

/** A snap that was just added is seen: when it stands outside of what is in sight, all are fitted in. */
function useNewSnapsInSight({ pipeline, layout }: Shown['draft']): void {
  const { fitView } = useReactFlow();
  const store = useStoreApi();
  const [known] = useState(() => new Set(pipeline.snaps.map(({ id }) => id)));
  useEffect(() => {
    const added = pipeline.snaps.filter(({ id }) => !known.has(id));
    for (const { id } of added) known.add(id);
    const {
      width,
      height,
      transform: [x, y, zoom],
    } = store.getState();
    const isOutside = added.some(({ id }) => {
      const place = layout[id];
      if (place === undefined) return false;
      const [left, top] = [place.x * zoom + x, place.y * zoom + y];
      return left < 0 || top < 0 || left + nodeWidth * zoom > width || top + nodeHeight * zoom > height;
    });
    if (isOutside) void fitView(fitOptions);
  }, [pipeline, layout, known, fitView, store]);
}

/** The list as it was when its members are the same: the canvas then has nothing to look through. */
function keptList<Each>(before: Each[], after: Each[]): Each[] {
  return before.length === after.length && before.every((each, at) => each === after[at]) ? before : after;
}

function editOnEnter(event: KeyboardEvent, onEdit: (id: string) => void, onLink: (key: string) => void): void {
  if (event.key !== 'Enter' || !(event.target instanceof Element)) return;
  const id = event.target.getAttribute('data-id');
  if (id === null) return;
  if (event.target.classList.contains('react-flow__node')) onEdit(id);
  else if (event.target.classList.contains('react-flow__edge')) onLink(id);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** What is selected after changes of the canvas; undefined when they do not select. */
function chosenAfter(
  changes: readonly (NodeChange<SnapNodeType> | EdgeChange<Edge>)[],
  before: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  const after = new Set(before);
  for (const change of changes) {
    if (change.type !== 'select') continue;
    if (change.selected) after.add(change.id);
    else after.delete(change.id);
  }
  const isSame = after.size === before.size && [...after].every((id) => before.has(id));
  return isSame ? undefined : after;
}

function endsOf({ source, sourceHandle, target, targetHandle }: Connection | Edge): LinkEnds {
  return { from: source, fromView: sourceHandle ?? 'output', to: target, toView: targetHandle ?? 'input' };
}
