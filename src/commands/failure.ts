// Owns how a failure leaves the command line: four lines of text or one JSON object, and the exit code. Never a stack trace.
import { Errors } from '@oclif/core';
import { asSnapError, ConfigurationError, type ErrorBody, errorTable, type SnapError } from '../errors.ts';
import type { RunReport } from '../host/host.ts';

/** Writes the failure (text to stderr, or JSON to stdout when `--json` was asked for) and gives the exit code. */
export function printFailure(thrown: unknown, argv: readonly string[]): number {
  // oclif ends --help and --version by throwing.
  if (thrown instanceof Errors.ExitError) return thrown.oclif.exit ?? 0;
  const error = asUsageError(thrown);
  if (wantsJson(argv)) process.stdout.write(`${JSON.stringify({ error: error.toJSON() })}\n`);
  else process.stderr.write(failureText(error.toJSON()));
  return error.exitCode;
}

/** The error as a person reads it: what happened, its code, each fault at its place, the reason and the next step. */
export function failureText(error: ErrorBody & { readonly snap?: string }): string {
  const lines = [`Error: ${error.message}`, `Code: ${error.code}`];
  if (error.snap !== undefined) lines.push(`Snap: ${error.snap}`);
  if (error.faults !== undefined) {
    for (const fault of error.faults)
      lines.push(`  ${fault.pointer === '' ? '(whole file)' : fault.pointer}: ${fault.message}`);
  }
  lines.push(`Reason: ${error.reason}`, `Try this: ${error.resolution}`);
  return `${lines.map(printable).join('\n')}\n`;
}

/** Takes terminal escape codes and other control characters out of text that may come from records or the far side. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, ' ');
}

/** Says something on standard error, where it never mixes with the answer of --json. */
export function tell(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

/** oclif reports wrong flags, arguments and commands as CLIError; those are usage, everything else stays what it is. */
function asUsageError(thrown: unknown): SnapError {
  if (!(thrown instanceof Errors.CLIError)) return asSnapError(thrown, 'The command');
  const [first = 'The command line is not valid.', ...rest] = thrown.message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('See more help'));
  return new ConfigurationError('SNAP_USAGE', first.endsWith('.') ? first : `${first}.`, {
    reason: rest.length > 0 ? rest.join('; ') : 'the command line does not match what the command takes',
    resolution: 'run the command with --help to see its arguments and flags',
  });
}

/** The exit code of a run's report: 0 also for one that waits for a worker, the code of its error, 130 when it was stopped. */
export function exitCodeOf(report: RunReport): number {
  if (report.state === 'completed' || report.state === 'queued') return 0;
  if (report.state === 'stopped') return errorTable.SNAP_RUN_INTERRUPTED.exitCode;
  return report.error === undefined ? errorTable.SNAP_RUN_FAILED.exitCode : errorTable[report.error.code].exitCode;
}
