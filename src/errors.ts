// Owns the error classes and the one table of error codes. Every message follows the same order: message, reason, resolution.

/** Exit codes of the command line: 1 the run failed, 2 usage or configuration, 3 an account needs authorization, 4 the far side. */
export type ExitCode = 1 | 2 | 3 | 4 | 130;

interface CodeEntry {
  /** Who must act: the person who configured, the one document, or the far side and us. */
  readonly actor: 'configuration' | 'data' | 'execution';
  readonly exitCode: ExitCode;
  /** What the code means, in one sentence; `docs/errors.md` is held equal to these by a test. */
  readonly means: string;
}

const configuration = (means: string, exitCode: ExitCode = 2): CodeEntry => ({
  actor: 'configuration',
  exitCode,
  means,
});
const data = (means: string, exitCode: ExitCode = 1): CodeEntry => ({ actor: 'data', exitCode, means });
const execution = (means: string, exitCode: ExitCode = 4): CodeEntry => ({ actor: 'execution', exitCode, means });

export const errorTable = {
  SNAP_USAGE: configuration('A command was called with flags or arguments it does not take.'),
  SNAP_CONFIG_INVALID: configuration('The host configuration (flags, environment or snaps.config.json) is not valid.'),
  SNAP_PACK_INVALID: configuration('A snap pack does not follow the manifest schema.'),
  SNAP_PACK_NOT_FOUND: configuration('No snap pack is at the named place, or none of that name is loaded.'),
  SNAP_PIPELINE_INVALID: configuration('A pipeline file has faults; all of them are listed.'),
  SNAP_PIPELINE_NOT_FOUND: configuration('The pipeline file does not exist or cannot be read.'),
  SNAP_PIPELINE_LOCKED: configuration(
    'A pack was changed in a way that breaks what a locked pipeline uses, or the pipeline was; what changed is listed.',
  ),
  SNAP_PIPELINE_STALE: configuration('Somebody else has saved the pipeline since it was opened.'),
  SNAP_SETTINGS_INVALID: configuration('The settings of a snap do not follow its schema.'),
  SNAP_EXPRESSION_INVALID: configuration('An expression does not parse or uses a variable that does not exist there.'),
  SNAP_EXPRESSION_FAILED: data('An expression failed on one document.'),
  SNAP_EXPRESSION_TIMEOUT: data('An expression did not end before its deadline.'),
  SNAP_ACCOUNT_NOT_FOUND: configuration('No account of that name exists in the store.'),
  SNAP_ACCOUNT_EXISTS: configuration('An account of that name exists already.'),
  SNAP_ACCOUNT_INVALID: configuration('The settings of an account do not follow the schema of its account type.'),
  SNAP_ACCOUNT_NEEDS_AUTHORIZATION: configuration(
    'The account has no usable authorization; a person must authorize it.',
    3,
  ),
  SNAP_ACCOUNT_SECRET_REJECTED: configuration(
    'The authorization server refused the client ID or the client secret.',
    3,
  ),
  SNAP_AUTHORIZATION_REFUSED: configuration(
    'An authorization by a person was denied, is too old, or came back wrong; the account is unchanged.',
    3,
  ),
  SNAP_AUTHORIZATION_NOT_FOUND: configuration('The host knows no authorization of that id (any more).'),
  SNAP_ACCOUNT_REJECTED: execution('The far side refused a fresh access token of this account.'),
  SNAP_SCOPE_MISSING: configuration('The account was not granted a scope that the operation needs.', 3),
  SNAP_TOKEN_UNAVAILABLE: execution('The token endpoint did not give a usable answer; the account is unchanged.'),
  SNAP_HOST_NOT_ALLOWED: configuration('A host or address is not allowed by the account type or by the operator.'),
  SNAP_UNREACHABLE: execution('The far side could not be reached: name, connection or TLS failed.'),
  SNAP_DEADLINE_PASSED: execution('A request did not end before its total deadline.'),
  SNAP_RATE_LIMITED: execution('The far side kept refusing requests for their rate.'),
  SNAP_ANSWER_STATUS: execution('The far side answered with an error status that no rule of the pack explains.'),
  SNAP_ANSWER_TOO_LARGE: execution('An answer, after decoding, is larger than the bound.'),
  SNAP_ANSWER_MALFORMED: execution('An answer is cut short, is not of the asked format, or does not parse.'),
  SNAP_ANSWER_REDIRECTED: execution('The far side redirected to a login page; redirects are never followed.'),
  SNAP_PERMISSION_DENIED: execution('The far side refused the operation for lack of permission.'),
  SNAP_NOT_FOUND: data('The far side has no such record.'),
  SNAP_RECORD_REFUSED: data('The far side refused the record; its own words are in the reason.'),
  SNAP_RECORD_INVALID: data('A record does not follow the schema of its resource.'),
  SNAP_RECORD_AMBIGUOUS: data('The natural key of a record names several records, or none that can be told.'),
  SNAP_WRITE_NOT_FOUND: configuration('A run has no undecided write of that number.'),
  SNAP_WRITE_UNDECIDED: execution(
    'Nobody knows whether a write took effect; a person must look before the run can go on.',
    1,
  ),
  SNAP_PAGING_STUCK: execution('Paging repeats itself, runs backwards or does not end.'),
  SNAP_DOCUMENT_INVALID: data('A document does not have the shape that the snap needs.'),
  SNAP_DOCUMENT_SET_ASIDE: data('A document ended the process each time a snap took it; the run went on without it.'),
  SNAP_FILE_OUTSIDE: configuration('A file path leaves the output directory; --allow-paths permits it.'),
  SNAP_FILE_FAILED: execution('A file could not be opened, read or written.', 1),
  SNAP_FILE_CHANGED: data('A file is not the one any more that was to be sent when the run began with it.'),
  SNAP_DATABASE_FAILED: execution('A database of a pipeline cannot be reached, or refuses what is asked of it.'),
  SNAP_ROW_REFUSED: data('A database does not take the row that a document makes.'),
  SNAP_DISK_FULL: execution('The disk is full or a quota is reached; what was checkpointed is kept.', 1),
  SNAP_STORE_UNAVAILABLE: execution('The store cannot be opened, read or written.', 2),
  SNAP_STORE_NEWER: configuration('The store was made by a newer version of this host.'),
  SNAP_KEY_MISSING: configuration('The sealing key is not where the configuration says.'),
  SNAP_KEY_WRONG: configuration('The sealing key is not the one that sealed this store.'),
  SNAP_KEY_UNSAFE: configuration('The key file can be read by others, is a link, or belongs to somebody else.'),
  SNAP_SEAL_BROKEN: execution('A sealed value was changed, moved or belongs elsewhere.', 2),
  SNAP_LEASE_LOST: execution('A lease could not be obtained or was lost to another process.', 1),
  SNAP_RUN_NOT_FOUND: configuration('No run of that id is in the store.'),
  SNAP_SCHEDULE_INVALID: configuration(
    'A schedule has a wrong cron pattern or time zone, a name that is taken, or does not exist.',
  ),
  SNAP_RUN_FAILED: execution('The run ended because a snap failed.', 1),
  SNAP_RUN_SET_ASIDE: execution('A run ended its process again and again; it is resumed by a person only.', 1),
  SNAP_RUN_INTERRUPTED: execution('The run was stopped by a person or a signal and can be resumed.', 130),
  SNAP_LIMIT_REACHED: execution('A named bound (documents, time, bytes) was reached.', 1),
  SNAP_INTERNAL: execution('A fault in the host itself.', 1),
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof errorTable;

/** One fault of a file or a form, at its place. `pointer` is a JSON pointer (RFC 6901) into the file; '' is the whole. */
export interface Fault {
  readonly pointer: string;
  readonly message: string;
}

export interface ErrorDetails {
  /** The fact that caused it, with the value or the status. */
  readonly reason: string;
  /** The next step, best as a command. */
  readonly resolution: string;
  readonly faults?: readonly Fault[];
  /** HTTP status of the far side, when it answered. */
  readonly status?: number;
  /** Name of the document's field at fault, as it is on the wire. */
  readonly field?: string;
  /** Whether the same attempt may succeed later with nothing changed. */
  readonly retryable?: boolean;
  /** One of our own errors only: errors of libraries can carry secrets and are rebuilt, not kept. */
  readonly cause?: SnapError;
}

/** The base of all errors this product throws. Never carries a secret, a request header or a library's error. */
export class SnapError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly resolution: string;
  readonly faults: readonly Fault[];
  readonly status: number | undefined;
  readonly field: string | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause ? { cause: details.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.reason = details.reason;
    this.resolution = details.resolution;
    this.faults = details.faults ?? [];
    this.status = details.status;
    this.field = details.field;
    this.retryable = details.retryable ?? false;
  }

  get exitCode(): ExitCode {
    return errorTable[this.code].exitCode;
  }

  /** What the command line's --json, the HTTP API and error documents share. */
  toJSON(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      reason: this.reason,
      resolution: this.resolution,
      ...(this.faults.length > 0 ? { faults: this.faults } : {}),
      ...(this.status === undefined ? {} : { status: this.status }),
      ...(this.field === undefined ? {} : { field: this.field }),
    };
  }
}

/** The outside form of an error: the same keys everywhere. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly reason: string;
  readonly resolution: string;
  readonly faults?: readonly Fault[];
  readonly status?: number;
  readonly field?: string;
}

/** The person who set it up must act. */
export class ConfigurationError extends SnapError {}
/** This one document is at fault; the others may go on. */
export class DataError extends SnapError {}
/** The far side or the host failed. */
export class ExecutionError extends SnapError {}

/** Gives any thrown value as one of ours. A foreign error keeps only its name and message: its other properties may hold secrets. */
export function asSnapError(thrown: unknown, doing: string): SnapError {
  if (thrown instanceof SnapError) return thrown;
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ExecutionError('SNAP_INTERNAL', `${doing} failed.`, {
    reason,
    resolution: 'run "snaps doctor"; if it finds nothing, report the fault with this text',
  });
}
