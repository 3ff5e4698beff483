// Owns what an answer that is not a success means: the pack's error rules, one error for each class. Never echoes a header.
import { decodeText } from '../document/index.ts';
import {
  ConfigurationError,
  DataError,
  type ErrorCode,
  type ErrorDetails,
  ExecutionError,
  type SnapError,
} from '../errors.ts';
import type { HttpAnswer } from '../http/contract.ts';
import { type ErrorRule, fillTemplate, type Pack } from '../pack/index.ts';
import { readErrorWords } from './error-words.ts';

/** What was asked, for the error's words. */
export interface Asked {
  /** "Reading invoices" */
  readonly doing: string;
  readonly path: string;
  readonly scope: string;
  readonly account: string;
  /** Whether the call concerns one record or document; then its refusal is that document's error. */
  readonly isOneRecord: boolean;
}

type Class = ErrorRule['class'];

/** Makes the error of an answer with a status outside 200 to 299. */
export function answerError(answer: HttpAnswer, asked: Asked, pack: Pack): SnapError {
  const { status } = answer;
  if (status >= 300 && status < 400) return redirected(status, asked);
  const { errorShapes = [], errorRules = [] } = pack.manifest.api ?? {};
  const words = readErrorWords(bodyText(answer.body), errorShapes);
  const rule = errorRules.find((each) => matches(each, { status, path: asked.path, words: words.text }));
  const values = {
    status: String(status),
    words: words.text,
    scope: asked.scope,
    path: asked.path,
    account: asked.account,
  };
  const details: ErrorDetails = {
    reason:
      rule === undefined
        ? `the answer to ${asked.path} was ${status}: ${words.text}`
        : fillTemplate(rule.reason, values),
    resolution:
      rule === undefined
        ? 'look up the status in the documentation of the far side'
        : fillTemplate(rule.resolution, values),
    status,
    ...(words.field === undefined ? {} : { field: words.field }),
    retryable: rule?.class === 'transient' || rule?.class === 'rate',
  };
  return classError(rule?.class, asked, details);
}

/** The error of an answer that was to hold records and holds something else. */
export function malformedAnswer(asked: Asked, reason: string): ExecutionError {
  return new ExecutionError('SNAP_ANSWER_MALFORMED', `${asked.doing} gave no records.`, {
    reason: `the answer to ${asked.path} ${reason}`,
    resolution: `check the host of account "${asked.account}", and that no proxy or maintenance page answers for it`,
  });
}

function redirected(status: number, asked: Asked): ExecutionError {
  return new ExecutionError('SNAP_ANSWER_REDIRECTED', `${asked.doing} was answered by a redirection.`, {
    reason: `${asked.path} answered ${status}: the access token is not accepted there, or the host has another name`,
    resolution: `check the host of account "${asked.account}", then run "snaps account test ${asked.account}"`,
    status,
  });
}

function classError(kind: Class | undefined, asked: Asked, details: ErrorDetails): SnapError {
  const { doing, isOneRecord } = asked;
  const refused = `${doing} was refused.`;
  const failed = `${doing} failed.`;
  const execution = (code: ErrorCode, message: string) => new ExecutionError(code, message, details);
  switch (kind) {
    case 'auth':
      return execution('SNAP_ACCOUNT_REJECTED', refused);
    case 'scope':
      return new ConfigurationError('SNAP_SCOPE_MISSING', refused, details);
    case 'permission':
      return execution('SNAP_PERMISSION_DENIED', refused);
    case 'rate':
      return execution('SNAP_RATE_LIMITED', failed);
    case 'validation':
    case 'conflict':
      return isOneRecord
        ? new DataError('SNAP_RECORD_REFUSED', refused, details)
        : execution('SNAP_ANSWER_STATUS', refused);
    case 'not-found':
      return isOneRecord ? new DataError('SNAP_NOT_FOUND', failed, details) : execution('SNAP_ANSWER_STATUS', failed);
    case 'transient':
    case undefined:
      return execution('SNAP_ANSWER_STATUS', failed);
  }
}

interface Facts {
  readonly status: number;
  readonly path: string;
  readonly words: string;
}

function matches(rule: ErrorRule, facts: Facts): boolean {
  if (rule.statuses !== undefined && !rule.statuses.includes(facts.status)) return false;
  if (rule.path !== undefined && !facts.path.includes(rule.path)) return false;
  return rule.text === undefined || facts.words.toLowerCase().includes(rule.text.toLowerCase());
}

function bodyText(body: Uint8Array): string {
  try {
    return decodeText(body);
  } catch {
    return `${body.length} bytes that are not text`;
  }
}
