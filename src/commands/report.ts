// Says a run report in words.
import type { RunReport } from '../host/host.ts';
import { table } from './table.ts';

type SnapRow = RunReport['snaps'][number];

/** The lines that a person reads after a run. */
export function reportLines(report: RunReport): string[] {
  const lines = [
    `Run ${report.runId} of ${report.pipeline}: ${report.state}${durationOf(report)}`,
    '',
    ...table<SnapRow>(report.snaps, [
      ['SNAP', (row) => String(row.id)],
      ['STATE', (row) => String(row.state)],
      ['INPUT', (row) => count(row.input)],
      ['OUTPUT', (row) => count(row.output)],
      ['ERRORS', (row) => count(row.errors)],
      ['REQUESTS', (row) => count(row.requests)],
      ['RETRIES', (row) => count(row.retries)],
    ]),
  ];
  if (report.children !== undefined)
    lines.push(
      '',
      `It started ${count(report.children)} ${report.children === 1 ? 'run' : 'runs'}: snaps runs list --parent ${report.runId}`,
    );
  if (report.errorRun !== undefined) {
    const { runId, state } = report.errorRun;
    lines.push('', `The error pipeline is ${state}: snaps runs show ${runId}`);
  }
  if (report.outputs.length > 0) lines.push('');
  for (const output of report.outputs) {
    lines.push(`${String(output.path)}: ${count(output.documents)} documents, ${count(output.bytes)} bytes`);
  }
  return lines;
}

const count = (value: unknown): string => (typeof value === 'number' ? value.toLocaleString('en-US') : '0');

function durationOf(report: RunReport): string {
  if (report.startedAt === null || report.finishedAt === null) return '';
  const seconds = (Date.parse(report.finishedAt) - Date.parse(report.startedAt)) / 1000;
  return ` after ${seconds.toFixed(1)} s`;
}
