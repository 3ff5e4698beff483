// Owns how one snap looks on the canvas: its name, views, faults, and its counts while it runs.
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { memo, type ReactElement } from 'react';
import { formatCount, formatRate } from '../format.ts';
import type { SnapEntry } from './model/pipeline.ts';
import { errorView } from './model/views.ts';

/** The counts of a snap as the last event of the run told them. */
export interface SnapCounts {
  readonly state: string;
  readonly input: number;
  readonly output: number;
  readonly errors: number;
  /** Documents a second since the event before. */
  readonly rate: number;
}

export interface SnapNodeData extends Record<string, unknown> {
  readonly entry: SnapEntry;
  readonly title: string;
  readonly category: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Messages of the last check. */
  readonly faults: readonly string[];
  readonly counts: SnapCounts | undefined;
}

export type SnapNodeType = Node<SnapNodeData, 'snap'>;

const firstPixels = 24;
const stepPixels = 22;
const top = (index: number): { top: number } => ({ top: firstPixels + index * stepPixels });

function SnapNodeView({ data, selected }: NodeProps<SnapNodeType>): ReactElement {
  const { entry, title, category, inputs, outputs, faults, counts } = data;
  const hasNames = outputs.length > 1 || (outputs.length === 1 && outputs[0] !== 'output');
  const classes = [
    'snap-node',
    `category-${category}`,
    inputs.length > 1 ? 'has-input-names' : '',
    selected ? 'is-selected' : '',
    faults.length > 0 ? 'is-wrong' : '',
    entry.execution === 'disabled' ? 'is-disabled' : '',
    counts === undefined ? '' : `is-${counts.state}`,
  ];
  const room = Math.max(outputs.length + 1, inputs.length, 3) * stepPixels + 20;
  return (
    <div className={classes.join(' ')} style={{ minHeight: room }}>
      {inputs.map((view, index) => (
        <div key={view}>
          <Handle id={view} type="target" position={Position.Left} style={top(index)} title={view} />
          {inputs.length > 1 ? (
            <span className="snap-node-view is-input" style={top(index)}>
              {view}
            </span>
          ) : null}
        </div>
      ))}
      <p className="snap-node-title">{entry.title ?? entry.id}</p>
      <p className="snap-node-kind">{title}</p>
      {entry.account === undefined ? null : <p className="snap-node-account">{entry.account}</p>}
      {faults.length === 0 ? null : (
        <p className="snap-node-fault" title={faults.join('\n')}>
          {faults.length === 1 ? faults[0] : `${faults.length} faults`}
        </p>
      )}
      {counts === undefined ? null : <CountsLine counts={counts} />}
      {outputs.map((view, index) => (
        <div key={view}>
          {hasNames ? (
            <span className="snap-node-view" style={top(index)}>
              {view}
            </span>
          ) : null}
          <Handle id={view} type="source" position={Position.Right} style={top(index)} title={view} />
        </div>
      ))}
      <Handle
        id={errorView}
        type="source"
        position={Position.Right}
        className="is-error"
        style={top(Math.max(outputs.length, 2))}
        title="error view"
      />
    </div>
  );
}

function CountsLine({ counts }: { readonly counts: SnapCounts }): ReactElement {
  return (
    <p className="snap-node-counts number">
      <span>
        {counts.input > 0 && counts.state !== 'skipped' ? `${formatCount(counts.input)} → ` : ''}
        {formatCount(counts.state === 'skipped' ? counts.input : counts.output)}
      </span>
      {counts.errors > 0 ? <span className="snap-node-errors">{formatCount(counts.errors)} failed</span> : null}
      {counts.state === 'running' ? <span>{formatRate(counts.rate)}</span> : <span>{counts.state}</span>}
    </p>
  );
}

/** Drawn again only when what it shows has changed: with 500 snaps a moved one must not draw the others. */
export const SnapNode = memo(
  SnapNodeView,
  (before, after) => before.data === after.data && before.selected === after.selected,
);
