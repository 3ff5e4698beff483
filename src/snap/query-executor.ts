// Owns running a snap that asks a query of the far side's own language. An answer with errors is an error, whatever its status.
import { cutRecords, Document, decodeText, memberText, openBracket, parseExact } from '../document/index.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, DataError, type SnapError } from '../errors.ts';
import type { HttpAnswer } from '../http/contract.ts';
import type { LoadedSnap, Operation, Pack } from '../pack/index.ts';
import { type Asked, answerError, malformedAnswer } from './answer-error.ts';
import { chooseOperation } from './choose-operation.ts';
import type { Connection } from './connection.ts';
import { printable } from './error-words.ts';
import type { SnapContext, SnapExecutor } from './executor.ts';
import type { OperationExecutorOptions } from './operation-executor.ts';
import { targetUrl } from './write/write-call.ts';

const errorsNamedMax = 5;

/** Whether a snap asks queries. */
export function isQuerying(pack: Pack, snap: LoadedSnap): boolean {
  return (snap.declaration.operations ?? []).some(({ operation }) => pack.operations.get(operation)?.call === 'query');
}

/** Makes the executor of a querying snap for one run: each record of an answer is a document; errors go by the error policy. */
export function createQueryExecutor(options: OperationExecutorOptions): SnapExecutor {
  return {
    run: async (context) => {
      const connection = await options.connect(context);
      const query = new Query(options, context, connection);
      if (context.hasInput) {
        for await (const batch of context.input()) {
          for (const document of batch) await query.answer(document, await context.resolve(document), {});
        }
      } else if (context.restored === undefined) {
        const settings = await context.resolve();
        const asked = Document.fromValue(query.body(settings), { snap: context.snapId, index: 0 });
        await query.answer(asked, settings, { position: { read: 1 } });
      }
    },
    snapshot: async () => ({ read: 1 }),
  };
}

class Query {
  readonly #pack: Pack;
  readonly #context: SnapContext;
  readonly #connection: Connection;
  readonly #ask: NonNullable<Operation['ask']>;

  constructor({ pack, snap }: OperationExecutorOptions, context: SnapContext, connection: Connection) {
    this.#pack = pack;
    this.#context = context;
    this.#connection = connection;
    this.#ask = chooseOperation(pack, snap, context.settings)?.ask ?? unusable(snap);
  }

  body(settings: JsonObject): JsonObject {
    const members = Object.entries(this.#ask.body).map(([name, setting]) => [name, settings[setting]] as const);
    return Object.fromEntries(members.filter((member): member is [string, JsonValue] => member[1] !== undefined));
  }

  /** Asks for one document and gives the records of the answer. `document` is what fails when the far side refuses. */
  async answer(document: Document, settings: JsonObject, at: { readonly position?: JsonValue }): Promise<void> {
    const context = this.#context;
    let refused: SnapError | undefined;
    let records: Buffer[] = [];
    try {
      records = await this.#records(settings);
    } catch (thrown) {
      if (!(thrown instanceof DataError)) throw thrown;
      refused = thrown;
    }
    if (refused !== undefined) return await context.fail(document, refused);
    const place = { snap: context.snapId, page: this.#ask.path };
    await context.emit(
      records.map((bytes, index) => Document.fromBytes(bytes, { ...place, index })),
      at,
    );
  }

  async #records(settings: JsonObject): Promise<Buffer[]> {
    const { api } = this.#pack.manifest;
    const asked: Asked = {
      doing: 'The query',
      path: this.#ask.path,
      scope: 'of what it reads',
      account: this.#connection.account,
      isOneRecord: true,
    };
    const answer = await this.#connection.send({
      method: 'POST',
      url: targetUrl(this.#connection.baseUrl, this.#ask.path),
      headers: api?.headers ?? {},
      body: JSON.stringify(this.body(settings)),
      // The manifest declares it safe: a query of a reading language changes nothing.
      repeatable: true,
      totalTimeoutMs: (api?.timeoutSeconds ?? 60) * 1000,
      bodyBytesMax: api?.bodyBytesMax ?? 1,
      signal: this.#context.signal,
      traffic: this.#context.traffic,
    });
    if (answer.status < 200 || answer.status > 299) throw answerError(answer, asked, this.#pack);
    const body = bodyOf(answer, asked);
    const errors = memberText(body, this.#ask.errors)?.toString();
    if (errors !== undefined && errors !== 'null' && !/^\[\s*\]$/.test(errors)) throw refusal(errors, asked);
    return recordsOf(memberText(body, this.#ask.data), asked);
  }
}

function bodyOf(answer: HttpAnswer, asked: Asked): Buffer {
  const text = decodeText(answer.body).trim();
  if (text.startsWith('{')) return Buffer.from(text);
  throw malformedAnswer(asked, `was ${answer.status} and is not a JSON object`);
}

/** The one list that was found, record by record; anything else is one record. */
function recordsOf(data: Buffer | undefined, asked: Asked): Buffer[] {
  const found = data === undefined ? undefined : parseExact(data.toString());
  if (data === undefined || found === null || typeof found !== 'object') throw malformedAnswer(asked, 'holds no data');
  const names = Object.keys(found as JsonObject);
  const inner = names.length === 1 && names[0] !== undefined ? memberText(data, names[0]) : undefined;
  return inner !== undefined && inner[0] === openBracket ? cutRecords(inner) : [data];
}

function refusal(errors: string, asked: Asked): DataError {
  const list = parseExact(errors);
  const words = (Array.isArray(list) ? (list as readonly JsonValue[]) : [list]).slice(0, errorsNamedMax).map((each) => {
    const { message } = (each ?? {}) as { readonly message?: JsonValue };
    return typeof message === 'string' ? message : JSON.stringify(each);
  });
  return new DataError('SNAP_RECORD_REFUSED', `${asked.doing} was refused.`, {
    reason: `the answer to ${asked.path} holds errors: ${printable(words.join('; '))}`,
    resolution: 'correct the query or its variables',
  });
}

function unusable(snap: LoadedSnap): never {
  throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The settings of ${snap.id} cannot be used.`, {
    reason: 'no query is declared for them',
    resolution: 'run "snaps pack check" on the pack',
  });
}
