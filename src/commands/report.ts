// Says a run report in words.
import type { RunReport } from '../host/host.ts';
import { type Column, table } from './table.ts';

type SnapRow = RunReport['snaps'][number];

const warningsColumn: Column<SnapRow> = ['WARNINGS', (row) => count(row.warnings)];

/** The lines that a person reads after a run. */
export function reportLines(report: RunReport): string[] {
  const lines = [
    `Run ${report.runId} of ${report.pipeline}: ${report.state}${durationOf(report)}`,
    ...(report.heldBy === undefined ? [] : [`Held by ${report.heldBy}`]),
    '',
    ...table<SnapRow>(report.snaps, [
      ['SNAP', (row) => String(row.id)],
      ['STATE', (row) => String(row.state)],
      ['INPUT', (row) => count(row.input)],
      ['OUTPUT', (row) => count(row.output)],
      ['ERRORS', (row) => count(row.errors)],
      // Rare, and then worth a look at "snaps runs errors".
      ...(report.snaps.some(({ warnings }) => Number(warnings ?? 0) > 0) ? [warningsColumn] : []),
      ['REQUESTS', (row) => count(row.requests)],
      ['RETRIES', (row) => count(row.retries)],
    ]),
  ];
  const related = relatedLines(report);
  if (related.length > 0) lines.push('', ...related);
  if (report.outputs.length > 0) lines.push('');
  for (const output of report.outputs) {
    // A table has no bytes of its own, and no hash.
    const bytes = output.sha256 === '' ? '' : `, ${count(output.bytes)} bytes`;
    lines.push(`${String(output.path)}: ${count(output.documents)} documents${bytes}`);
  }
  return lines;
}

/** Where a run came from and what followed from it, each with the command that shows it. */
function relatedLines({ runId, parent, parentSnap, children, errorRun, replayOf, replays }: RunReport): string[] {
  const runs = (number: number): string => `${count(number)} ${number === 1 ? 'run' : 'runs'}`;
  const by =
    parentSnap === undefined ? 'It is the error pipeline of a run' : `The snap "${parentSnap}" of a run started it`;
  return [
    ...(parent === undefined ? [] : [`${by}: snaps runs show ${parent}`]),
    ...(replayOf === undefined ? [] : [`It sent error documents of a run back in: snaps runs show ${replayOf}`]),
    ...(children === undefined ? [] : [`It started ${runs(children)}: snaps runs list --parent ${runId}`]),
    ...(errorRun === undefined ? [] : [`The error pipeline is ${errorRun.state}: snaps runs show ${errorRun.runId}`]),
    ...(replays === undefined
      ? []
      : [`${runs(replays)} sent its error documents back in: snaps runs list --replay-of ${runId}`]),
  ];
}

const count = (value: unknown): string => (typeof value === 'number' ? value.toLocaleString('en-US') : '0');

function durationOf(report: RunReport): string {
  if (report.startedAt === null || report.finishedAt === null) return '';
  const seconds = (Date.parse(report.finishedAt) - Date.parse(report.startedAt)) / 1000;
  return ` after ${seconds.toFixed(1)} s`;
}
