// The door of snap/: check a snap's settings, tell its scopes, and run what its pack declares.
export { checkSettings } from './check-settings.ts';
export { callFor, requiredScopes } from './choose-operation.ts';
export type { Connection } from './connection.ts';
export { createDownloadExecutor, isDownloading } from './download-executor.ts';
export type * from './executor.ts';
export type { FileSink, FileSource } from './file-sink.ts';
export { createOperationExecutor, type OperationExecutorOptions } from './operation-executor.ts';
export { type PlannedRequest, plannedRequests } from './planned-request.ts';
export { createQueryExecutor, isQuerying } from './query-executor.ts';
export { suggestWords } from './suggest/suggest.ts';
export type { Suggestion } from './suggest/suggestion.ts';
export type { WriteJournal } from './write/journal.ts';
export { createWriteExecutor, isWriting } from './write/write-executor.ts';
