// Owns talking to the host: one request, one answer, every failure as an ApiError. It keeps no data.

import type { JsonObject, JsonValue } from '../../src/document/json.ts';
import type {
  AccountTest,
  AccountTypeView,
  AccountView,
  PackView,
  PipelineImport,
  Preview,
  ResourceView,
  RunDefinition,
  RunListing,
  RunLogPage,
  RunPoint,
  RunReport,
  ScheduleChange,
  ScheduleView,
  SnapView,
  SuggestionRequest,
  Suggestions,
  UndecidedWriteView,
  WriteDecision,
} from '../../src/host/host.ts';
import type {
  PipelineVersion,
  ReplayRun,
  RunPage,
  SavedPipeline,
  SavedPipelineView,
  StartRun,
} from '../../src/server/contract.ts';
import { ApiError, type Fault, type Problem, problemFrom, unreachable } from './problem.ts';
import { forgetPageToken, keepPageToken, pageToken, pageTokenHeader } from './session.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request and gives the answer's JSON. Throws ApiError; a 401 also signs this page out. */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const answer = await send(method, path, options);
  const text = await answer.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Sends one request and gives the answer once it is known to be good, with its body unread. Throws ApiError. */
export async function send(method: Method, path: string, options: CallOptions = {}): Promise<Response> {
  const { body, headers = {}, signal } = options;
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers: {
        ...headers,
        [pageTokenHeader]: pageToken(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw new ApiError(0, unreachable);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) forgetPageToken();
  throw new ApiError(answer.status, problemFrom(answer.status, await answer.json().catch(() => undefined)));
}

const part = encodeURIComponent;

export interface AccountForm {
  readonly name: string;
  readonly type: string;
  readonly settings: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface NewSchedule {
  readonly name: string;
  /** The name of the saved pipeline. */
  readonly saved: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly misfire: 'once' | 'skip';
  readonly parameters?: Readonly<Record<string, string>>;
}

/** How an authorization begins: it is done, or a person goes on in a browser or with a code. */
export type BegunAuthorization = { readonly notes: readonly string[] } & (
  | { readonly kind: 'done'; readonly account: AccountView }
  | { readonly kind: 'browser'; readonly id: string; readonly authorizeUrl: string; readonly expiresAt: string }
  | {
      readonly kind: 'device';
      readonly id: string;
      readonly userCode: string;
      readonly verificationUri: string;
      readonly verificationUriComplete: string | null;
      readonly expiresAt: string;
    }
);

export interface AuthorizationView {
  readonly state: 'waiting' | 'authorized' | 'refused';
  readonly error?: Problem;
}

export interface FilterOperator {
  readonly name: string;
  readonly title: string;
  /** What it is compared with: `one` value, a `list`, or a `boolean`. */
  readonly value: string;
  /** Formats of fields that it does not fit. */
  readonly notFor: readonly string[];
}

export interface SnapDetail extends SnapView {
  readonly views: { readonly input: JsonValue; readonly output: JsonValue };
  readonly settings: JsonObject;
  readonly pack: string;
  /** The setting that names a resource, for snaps that have one. */
  readonly resourceSetting?: string;
  readonly operators: readonly FilterOperator[];
}

/** Every question that pages ask, by its subject. */
export const api = {
  signIn: async (token: string): Promise<void> => {
    const { pageToken: fresh } = await call<{ pageToken: string }>('POST', '/api/session', { body: { token } });
    keepPageToken(fresh);
  },
  signOut: async (): Promise<void> => {
    await call('POST', '/api/sign-out', { body: {} });
    forgetPageToken();
  },
  packs: () => call<readonly PackView[]>('GET', '/api/packs'),
  snaps: () => call<readonly SnapView[]>('GET', '/api/snaps'),
  snap: (id: string) => call<SnapDetail>('GET', `/api/snaps/${part(id)}`),
  /** What may stand in a setting, from the pack and from the account. */
  suggestions: (id: string, request: Omit<SuggestionRequest, 'snap'>) =>
    call<Suggestions>('POST', `/api/snaps/${part(id)}/suggestions`, { body: request }),
  resources: () => call<readonly ResourceView[]>('GET', '/api/resources'),
  resource: (key: string) => call<JsonObject>('GET', `/api/resources/${part(key)}`),
  accountTypes: () => call<readonly AccountTypeView[]>('GET', '/api/account-types'),
  accounts: () => call<readonly AccountView[]>('GET', '/api/accounts'),
  account: (name: string) => call<AccountView>('GET', `/api/accounts/${part(name)}`),
  addAccount: (form: AccountForm) => call<AccountView>('POST', '/api/accounts', { body: form }),
  changeAccount: (name: string, change: Omit<AccountForm, 'name' | 'type'>) =>
    call<AccountView>('PUT', `/api/accounts/${part(name)}`, { body: change }),
  removeAccount: (name: string) => call<{ isRevoked: boolean }>('DELETE', `/api/accounts/${part(name)}`),
  testAccount: (name: string) => call<AccountTest>('POST', `/api/accounts/${part(name)}/test`, { body: {} }),
  authorizeAccount: (name: string) =>
    call<BegunAuthorization>('POST', `/api/accounts/${part(name)}/authorize`, { body: {} }),
  authorization: (id: string) => call<AuthorizationView>('GET', `/api/authorizations/${part(id)}`),
  redirectUri: () =>
    call<{ redirectUri: string; reachesThisHost: boolean; reason: string }>('GET', '/api/redirect-uri'),
  /** The schema of an object that records refer to. */
  object: (pack: string, name: string) => call<JsonObject>('GET', `/api/packs/${part(pack)}/objects/${part(name)}`),
  runs: (query: Partial<RunListing> = {}) => call<RunPage>('GET', `/api/runs${queryText({ ...query })}`),
  /** The names of pipelines that runs are kept of. */
  runPipelines: () => call<readonly string[]>('GET', '/api/run-pipelines'),
  /** Sends error documents back in, as a run of their own; all that were kept when none are given. */
  replayRun: (runId: string, request: ReplayRun, idempotencyKey: string) =>
    call<{ runId: string }>('POST', `/api/runs/${part(runId)}/replay`, {
      body: request,
      headers: { 'idempotency-key': idempotencyKey },
    }),
  run: (runId: string) => call<RunReport>('GET', `/api/runs/${part(runId)}`),
  /** The points of its plots, from zero to its end or to now. */
  runPoints: (runId: string) => call<readonly RunPoint[]>('GET', `/api/runs/${part(runId)}/points`),
  runDefinition: (runId: string) => call<RunDefinition>('GET', `/api/runs/${part(runId)}/definition`),
  startRun: (request: StartRun, idempotencyKey: string) =>
    call<{ runId: string }>('POST', '/api/runs', { body: request, headers: { 'idempotency-key': idempotencyKey } }),
  cancelRun: (runId: string) => call<{ state: string }>('POST', `/api/runs/${part(runId)}/cancel`, { body: {} }),
  runErrors: (runId: string, page: { after?: number; limit?: number } = {}) =>
    call<readonly JsonObject[]>('GET', `/api/runs/${part(runId)}/errors${queryText(page)}`),
  /** The log behind an entry. */
  runLog: (runId: string, page: { after: number; limit: number }) =>
    call<RunLogPage>('GET', `/api/runs/${part(runId)}/log${queryText(page)}`),
  schedules: () => call<readonly ScheduleView[]>('GET', '/api/schedules'),
  addSchedule: (schedule: NewSchedule) => call<ScheduleView>('POST', '/api/schedules', { body: schedule }),
  scheduleTicks: (cron: string, timeZone: string) =>
    call<{ ticks: readonly string[] }>('GET', `/api/schedule-ticks${queryText({ cron, timeZone })}`),
  changeSchedule: (name: string, change: ScheduleChange) =>
    call<ScheduleView>('PUT', `/api/schedules/${part(name)}`, { body: change }),
  removeSchedule: (name: string) => call<{ removed: true }>('DELETE', `/api/schedules/${part(name)}`),
  undecided: (runId: string) => call<readonly UndecidedWriteView[]>('GET', `/api/runs/${part(runId)}/undecided`),
  decide: (runId: string, decision: WriteDecision) =>
    call<{ decided: true }>('POST', `/api/runs/${part(runId)}/undecided`, { body: decision }),
  /** The first lines of an output, as text. */
  outputHead: async (runId: string, index: number): Promise<string> =>
    (await send('GET', `/api/runs/${part(runId)}/outputs/${index}/head`)).text(),
  /** An address that downloads an output once, within a minute. */
  outputTicket: (runId: string, index: number) =>
    call<{ url: string }>('POST', `/api/runs/${part(runId)}/outputs/${index}/ticket`, { body: {} }),
  pipelines: () => call<readonly SavedPipelineView[]>('GET', '/api/pipelines'),
  pipeline: (name: string, version?: number) =>
    call<SavedPipeline>('GET', `/api/pipelines/${part(name)}${queryText({ version })}`),
  /** Saves a new version when the pipeline differs from the newest; `basedOn` is the version that was edited, 0 for none. */
  savePipeline: (name: string, body: { pipeline: JsonObject; layout?: JsonObject; basedOn: number }) =>
    call<SavedPipeline>('PUT', `/api/pipelines/${part(name)}`, { body }),
  removePipeline: (name: string) => call<{ removed: boolean }>('DELETE', `/api/pipelines/${part(name)}`),
  pipelineVersions: (name: string) => call<readonly PipelineVersion[]>('GET', `/api/pipelines/${part(name)}/versions`),
  checkPipeline: (pipeline: JsonObject, signal?: AbortSignal) =>
    call<{ faults: readonly Fault[] }>('POST', '/api/check', { body: { pipeline }, signal }),
  /** A pipeline made of the content of a SnapLogic .slp file. */
  importSlp: (file: string, content: JsonObject) =>
    call<PipelineImport>('POST', '/api/import', { body: { file, content } }),
  preview: (body: { pipeline: JsonObject; documents?: number; parameters?: Readonly<Record<string, string>> }) =>
    call<Preview>('POST', '/api/preview', { body }),
  evaluate: (body: { expression: string; documents: readonly JsonObject[]; parameters?: JsonObject }) =>
    call<{ results: readonly EvaluatedDocument[] }>('POST', '/api/evaluate', { body }),
};

export interface EvaluatedDocument {
  readonly value?: JsonValue;
  readonly error?: { readonly message: string; readonly reason: string };
}

function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string | number] => pair[1] !== undefined);
  const text = new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString();
  return text === '' ? '' : `?${text}`;
}
