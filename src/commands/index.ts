// The list of commands by their words; oclif reads it. Commands import their work inside run(), so that this stays quick.
import { AccountAdd } from './account/add.ts';
import { AccountAuthorize } from './account/authorize.ts';
import { AccountList } from './account/list.ts';
import { AccountRemove } from './account/remove.ts';
import { AccountShow } from './account/show.ts';
import { AccountTest } from './account/test.ts';
import { AccountUpdate } from './account/update.ts';
import { CursorList } from './cursor/list.ts';
import { CursorRemove } from './cursor/remove.ts';
import { Demo } from './demo.ts';
import { Doctor } from './doctor.ts';
import { KeyRotate } from './key/rotate.ts';
import { KeyVerify } from './key/verify.ts';
import { PackCheck } from './pack/check.ts';
import { PackDocs } from './pack/docs.ts';
import { PackList } from './pack/list.ts';
import { PackNew } from './pack/new.ts';
import { PipelineCheck } from './pipeline/check.ts';
import { PipelineImport } from './pipeline/import.ts';
import { PipelineLock } from './pipeline/lock.ts';
import { PipelineNew } from './pipeline/new.ts';
import { PipelinePlan } from './pipeline/plan.ts';
import { Pkce } from './pkce.ts';
import { ResourceList } from './resource/list.ts';
import { ResourceShow } from './resource/show.ts';
import { Run } from './run.ts';
import { RunsCancel } from './runs/cancel.ts';
import { RunsDecide } from './runs/decide.ts';
import { RunsErrors } from './runs/errors.ts';
import { RunsList } from './runs/list.ts';
import { RunsLogs } from './runs/logs.ts';
import { RunsReplay } from './runs/replay.ts';
import { RunsShow } from './runs/show.ts';
import { RunsUndecided } from './runs/undecided.ts';
import { ScheduleAdd } from './schedule/add.ts';
import { ScheduleChange } from './schedule/change.ts';
import { ScheduleList } from './schedule/list.ts';
import { SchedulePause } from './schedule/pause.ts';
import { ScheduleRemove } from './schedule/remove.ts';
import { ScheduleResume } from './schedule/resume.ts';
import { Serve } from './serve.ts';
import { SimulatorStart } from './simulator/start.ts';
import { SnapList } from './snap/list.ts';
import { SnapShow } from './snap/show.ts';
import { SnapSuggest } from './snap/suggest.ts';
import { Worker } from './worker.ts';

export const commands = {
  'account:add': AccountAdd,
  'account:authorize': AccountAuthorize,
  'account:list': AccountList,
  'account:remove': AccountRemove,
  'account:show': AccountShow,
  'account:test': AccountTest,
  'account:update': AccountUpdate,
  'cursor:list': CursorList,
  'cursor:remove': CursorRemove,
  demo: Demo,
  doctor: Doctor,
  'key:rotate': KeyRotate,
  'key:verify': KeyVerify,
  'pack:check': PackCheck,
  'pack:docs': PackDocs,
  'pack:list': PackList,
  'pack:new': PackNew,
  'pipeline:check': PipelineCheck,
  'pipeline:import': PipelineImport,
  'pipeline:lock': PipelineLock,
  'pipeline:new': PipelineNew,
  'pipeline:plan': PipelinePlan,
  pkce: Pkce,
  'resource:list': ResourceList,
  'resource:show': ResourceShow,
  run: Run,
  'runs:decide': RunsDecide,
  'runs:cancel': RunsCancel,
  'runs:errors': RunsErrors,
  'runs:list': RunsList,
  'runs:logs': RunsLogs,
  'runs:replay': RunsReplay,
  'runs:show': RunsShow,
  'runs:undecided': RunsUndecided,
  'schedule:add': ScheduleAdd,
  'schedule:change': ScheduleChange,
  'schedule:list': ScheduleList,
  'schedule:pause': SchedulePause,
  'schedule:remove': ScheduleRemove,
  'schedule:resume': ScheduleResume,
  serve: Serve,
  'simulator:start': SimulatorStart,
  'snap:list': SnapList,
  'snap:show': SnapShow,
  'snap:suggest': SnapSuggest,
  worker: Worker,
};
