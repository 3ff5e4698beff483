// The door of pipeline/: read, check and run pipelines.
export { checkPipeline, type PipelineEnvironment, planPipeline } from './check-pipeline.ts';
export type { Checkpoint, SaveCheckpoint } from './checkpoint.ts';
export type { SnapReport, SnapState } from './counts.ts';
export { type PipelineFile, parsePipeline, readPipelineFile } from './pipeline-file.ts';
export type { PipelinePlan, PlannedSnap } from './plan.ts';
export { type PipelineProgress, type RunOptions, type RunResult, runPipeline } from './run-pipeline.ts';
