// Owns reading JSON that people write: one error that names file, line and column. Never gives a library's error away.
import { readFileSync, statSync } from 'node:fs';
import type { JsonValue } from '../document/json.ts';
import { ConfigurationError, type ErrorCode } from '../errors.ts';
import { findSyntaxFault } from './json-syntax.ts';

const fileBytesMax = 16 * 1024 * 1024;

/** What a caller knows of the text, for the error: its code and the name that a person would use. */
export interface JsonSource {
  readonly code: ErrorCode;
  /** "the pipeline orders.pipeline.json" */
  readonly name: string;
  /** The code for a file that is not there; `code` when left out. */
  readonly codeNotFound?: ErrorCode;
}

/** Parses a JSON text. Throws a ConfigurationError with `source.code` that names line and column, both counted from 1. */
export function parseJson(text: string, source: JsonSource): JsonValue {
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text;
  const fault = findSyntaxFault(plain);
  if (fault === undefined) return JSON.parse(plain) as JsonValue;
  const before = plain.slice(0, fault.offset).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  throw new ConfigurationError(source.code, `Could not read ${source.name}: it is not JSON.`, {
    reason: `${place}: ${fault.message}`,
    resolution: `correct ${place}`,
    faults: [{ pointer: '', message: `${place}: ${fault.message}` }],
  });
}

/** Reads and parses a JSON file of at most 16 MB. Throws a ConfigurationError with `source.code` or `codeNotFound`. */
export function readJsonFile(path: string, source: JsonSource): JsonValue {
  return parseJson(readText(path, source), source);
}

function readText(path: string, source: JsonSource): string {
  try {
    const { size } = statSync(path);
    if (size > fileBytesMax) {
      throw new ConfigurationError(source.code, `Could not read ${source.name}.`, {
        reason: `the file has ${size} bytes; at most ${fileBytesMax} are read`,
        resolution: 'name another file',
      });
    }
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) throw thrown;
    const errno = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigurationError(source.codeNotFound ?? source.code, `Could not read ${source.name}.`, {
      reason: errno === 'ENOENT' ? `there is no file at ${path}` : `reading ${path} failed with ${errno}`,
      resolution: 'check the path, and that the file may be read',
    });
  }
}
