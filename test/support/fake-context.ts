// A context as the engine gives it, kept in memory: what a snap emits, fails and expects can be looked at.
import { type Batch, Document } from '../../src/document/index.ts';
import type { JsonObject, JsonValue } from '../../src/document/json.ts';
import type { SnapError } from '../../src/errors.ts';
import type { SnapContext } from '../../src/snap/executor.ts';

export interface FakeContext extends SnapContext {
  readonly emitted: JsonObject[];
  readonly positions: JsonValue[];
  readonly failures: { document: JsonObject; error: SnapError }[];
  readonly expected: number[];
}

export interface FakeContextOptions {
  readonly settings: JsonObject;
  readonly input?: readonly JsonObject[];
  readonly restored?: JsonValue;
  readonly cursor?: JsonValue;
  readonly isPreview?: boolean;
  /** What settings become for a document; the settings as written when left out. */
  readonly resolve?: (document?: Document) => JsonObject;
  readonly signal?: AbortSignal;
}

export function fakeContext(options: FakeContextOptions): FakeContext {
  const { settings, input } = options;
  const emitted: JsonObject[] = [];
  const positions: JsonValue[] = [];
  const failures: { document: JsonObject; error: SnapError }[] = [];
  const expected: number[] = [];
  return {
    emitted,
    positions,
    failures,
    expected,
    snapId: 'read',
    runId: 'run',
    isPreview: options.isPreview ?? false,
    settings,
    resolve: async (document) => options.resolve?.(document) ?? settings,
    expression: () => async () => undefined,
    isCareful: false,
    hasInput: input !== undefined,
    async *input() {
      const documents: Batch = (input ?? []).map((value, index) => Document.fromValue(value, { snap: 'up', index }));
      if (documents.length > 0) yield documents;
    },
    async *inputs() {
      for await (const batch of this.input()) yield { view: 'input', batch };
    },
    emit: async (documents, at) => {
      emitted.push(...documents.map((document) => document.value));
      if (at?.position !== undefined) positions.push(at.position);
    },
    fail: async (document, error) => {
      failures.push({ document: document.value, error });
    },
    warn: async (document, error) => {
      failures.push({ document: document.value, error });
    },
    drop: () => {},
    traffic: { requests: 0, retries: 0, throttledMs: 0, bytesIn: 0, bytesOut: 0 },
    expect: (documents) => expected.push(documents),
    addOutput: () => {},
    restored: options.restored,
    cursor: options.cursor,
    signal: options.signal ?? new AbortController().signal,
  };
}
